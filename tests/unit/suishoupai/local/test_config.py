"""The supervisor's configuration, read by the supervisor's own parser."""

from pathlib import Path
from shlex import split

import pytest
from supervisor.options import ServerOptions

from suishoupai.local import config
from suishoupai.local.programs import Program


def programs_of(monkeypatch, folder, *programs):
    file = folder / "supervisord.conf"
    file.write_text(config.render(9001, "secret", programs), encoding="utf-8")
    (folder / "logs").mkdir()
    monkeypatch.chdir(folder)
    options = ServerOptions()
    options.realize(["-c", str(file)])
    return [each.process_configs[0] for each in sorted(options.process_group_configs)]


@pytest.mark.parametrize("name", ["plain", "with space", "数据", "100% (x)s", "it's", "a,b=c"])
def test_every_path_arrives_as_it_is(monkeypatch, tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    command = (str(folder / "mongod"), "--dbpath", str(folder), 'quote"d', "back\\slash", "%")
    environment = {"HOME": str(folder / "home"), "ARGS": "+sbwt none {127,0,0,1}"}
    (program,) = programs_of(monkeypatch, folder, Program("mongod", command, environment))
    assert tuple(split(program.command)) == command
    assert program.environment == environment
    assert Path(program.stdout_logfile).resolve() == config.log_path(folder, "mongod")


def test_programs_are_kept_alive_and_stopped_in_the_reverse_order(monkeypatch, tmp_path):
    programs = [Program("rabbitmq", ("a",)), Program("issues", ("b",), start_seconds=5)]
    rabbitmq, issues = programs_of(monkeypatch, tmp_path, *programs)
    assert [rabbitmq.name, issues.name] == ["rabbitmq", "issues"]
    assert issues.priority > rabbitmq.priority
    for program in (rabbitmq, issues):
        assert program.autorestart and not program.autostart
        assert program.startretries >= 1_000_000
        assert program.killasgroup
    assert issues.startsecs == 5


def test_the_names_are_read_back_in_their_order(tmp_path):
    text = config.render(1, "", [Program(name, ("x",)) for name in ("b", "a", "c")])
    assert config.program_names(text) == ["b", "a", "c"]
