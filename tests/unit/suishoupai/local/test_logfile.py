"""Reading a log while it is written and rotated."""

from suishoupai.local.logfile import followed, last_lines


def test_the_last_lines_are_read(tmp_path):
    log = tmp_path / "a.log"
    log.write_bytes(b"1\n2\n\xff\n")
    assert last_lines(log, 2) == ["2\n", "\N{REPLACEMENT CHARACTER}\n"]
    assert last_lines(log, 9) == ["1\n", "2\n", "\N{REPLACEMENT CHARACTER}\n"]


def test_a_log_is_followed_into_the_file_that_replaces_it(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("1\n2\n")
    lines = followed(log, 1)
    assert next(lines) == "2\n"
    with log.open("a") as file:
        file.write("3\n")
    assert next(lines) == "3\n"
    with log.open("a") as file:
        file.write("4\n")
    log.rename(tmp_path / "a.log.1")
    log.write_text("5\n")
    assert [next(lines), next(lines)] == ["4\n", "5\n"]
