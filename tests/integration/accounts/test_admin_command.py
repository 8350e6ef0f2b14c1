"""``suishoupai admin``, run as a command."""

from .asking import GOOD, TOWN, audited, cli, logged_in, new_name, post


def test_the_first_admin_is_made_at_the_command_line(world, tmp_path):
    name, file = new_name(), tmp_path / "password"
    file.write_text(f"{GOOD}\n")
    made = cli(world, "create", name, "--division", TOWN, "--password-file", str(file))
    assert made.returncode == 0, made.stderr
    assert GOOD not in made.stdout + made.stderr
    tokens = logged_in(world, name, GOOD)
    mine = post(world, "/me", None, tokens["access_token"], "GET").body
    assert (mine["roles"], mine["division"]) == (["admin"], TOWN)
    again = cli(world, "create", name, "--password-file", str(file))
    assert again.returncode == 1 and "already" in again.stderr
    (entry,) = audited(world, action="accepted", subject=name)
    assert entry["account"].startswith("operator:")
    assert name in cli(world, "list").stdout


def test_the_command_line_takes_no_weak_password_and_no_strange_name(world, tmp_path):
    name, file = new_name(), tmp_path / "password"
    file.write_text("suishoupai")
    assert cli(world, "create", name, "--password-file", str(file)).returncode == 1
    file.write_text(GOOD)
    assert cli(world, "create", "No Name", "--password-file", str(file)).returncode == 1
    assert cli(world, "create", name, "--division", "x").returncode == 2
    assert name not in cli(world, "list").stdout
