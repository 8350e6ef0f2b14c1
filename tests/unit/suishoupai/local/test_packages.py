"""Missing packages: installed where that may be, else told what to do instead."""

import pytest

from suishoupai.local import CannotStart, broker
from suishoupai.local.packages import Installer, install

NOT_DEBIAN = Installer(apt=False, become=())
NOT_ROOT = Installer(apt=True, become=None)


def pretending(script):
    """An installer that runs a script instead of apt."""
    return Installer(apt=True, become=("sh", "-c", script, "instead-of"))


@pytest.mark.parametrize(
    ("installer", "reason"), [(NOT_DEBIAN, "there is no apt-get"), (NOT_ROOT, "neither root")]
)
def test_where_nothing_may_be_installed_the_choices_are_named(tmp_path, installer, reason):
    steps = []
    with pytest.raises(CannotStart) as refusal:
        broker.ensure_installed(steps.append, installer, tmp_path / "rabbitmq-server")
    for words in (reason, "AMQP_URI", "docker compose up", "apt-get install rabbitmq-server"):
        assert words in str(refusal.value)
    assert steps == []


def test_a_failing_installation_shows_its_last_words():
    with pytest.raises(CannotStart) as refusal:
        install("thing", "or else", lambda _: None, pretending("echo no network >&2; exit 100"))
    assert "could not install thing" in str(refusal.value)
    assert "no network" in str(refusal.value)
    assert str(refusal.value).endswith("or else")


def test_an_installation_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr("suishoupai.local.packages.APT_SECONDS", 0.1)
    with pytest.raises(CannotStart, match="did not install thing within"):
        install("thing", "or else", lambda _: None, pretending("exec sleep 60"))


def test_an_installation_is_announced_and_gets_the_package(tmp_path):
    steps = []
    install("thing", "or else", steps.append, pretending(f'echo "$@" > {tmp_path}/words'))
    assert steps == ["installing thing (apt)"]
    assert (tmp_path / "words").read_text().split()[-1] == "thing"


def test_a_server_that_still_cannot_run_is_refused(tmp_path):
    server = tmp_path / "rabbitmq-server"
    server.touch(mode=0o644)
    with pytest.raises(CannotStart, match="cannot be run"):
        broker.ensure_installed(lambda _: None, NOT_ROOT, server)
