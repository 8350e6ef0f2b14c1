"""Which mongod is used, and what is said when it cannot run."""

import pytest

from suishoupai.local import CannotStart, database
from suishoupai.local.packages import Installer

NOT_ROOT = Installer(apt=True, become=None)


def binary(folder, script="exit 0", mode=0o755):
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "mongod"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(mode)
    return file


def test_a_database_that_is_given_is_taken():
    assert database.given({"MONGODB_URI": "mongodb://there"}) == "mongodb://there"
    assert database.given({"MONGODB_URI": ""}) is None
    assert database.given({}) is None


def test_the_one_on_the_path_comes_first_then_the_embedded_one_then_none(tmp_path):
    on_path = binary(tmp_path / "bin")
    embedded = binary(tmp_path / "packages" / "fiftyone" / "db" / "bin")
    path, packages = str(on_path.parent), [str(tmp_path), str(tmp_path / "packages")]
    assert database.find_mongod(path, packages) == on_path
    assert database.find_mongod("/nowhere", packages) == embedded
    assert database.find_mongod("/nowhere", []) is None


def test_a_folder_keeps_its_server_while_that_is_there(tmp_path):
    one, other = binary(tmp_path / "one"), binary(tmp_path / "other")
    assert database.choose_mongod(None, lambda: other) == other
    assert database.choose_mongod(str(one), lambda: other) == one
    one.unlink()
    assert database.choose_mongod(str(one), lambda: other) == other
    with pytest.raises(CannotStart, match="There is no mongod"):
        database.choose_mongod(str(one), lambda: None)


def test_a_server_that_runs_needs_nothing(tmp_path):
    database.ensure_runs(binary(tmp_path), pytest.fail, NOT_ROOT)


def test_a_server_without_its_bit_is_given_it(tmp_path):
    database.ensure_runs(binary(tmp_path, mode=0o644), pytest.fail, NOT_ROOT)


def test_a_missing_library_is_installed(tmp_path):
    steps = []
    lacking = f"test -e {tmp_path}/library || {{ echo libcurl.so.4: missing >&2; exit 127; }}"
    installing = Installer(apt=True, become=("sh", "-c", f"touch {tmp_path}/library"))
    database.ensure_runs(binary(tmp_path / "bin", lacking), steps.append, installing)
    assert steps == ["installing libcurl4 (apt)"]


def test_a_library_that_may_not_be_installed_is_named(tmp_path):
    lacking = binary(tmp_path, "echo libcurl.so.4: missing >&2; exit 127")
    with pytest.raises(CannotStart, match=r"libcurl4 is missing[\s\S]*MONGODB_URI"):
        database.ensure_runs(lacking, pytest.fail, NOT_ROOT)


@pytest.mark.parametrize("script", ["echo GLIBC_2.35 not found >&2; exit 1", "exit 1"])
def test_a_server_that_cannot_run_here_is_refused_with_its_words(tmp_path, script):
    with pytest.raises(CannotStart, match=r"cannot run here: (GLIBC_2\.35 not found|exit 1)"):
        database.ensure_runs(binary(tmp_path, script), pytest.fail, NOT_ROOT)


def test_our_own_server_listens_here_only_and_compresses_safely(tmp_path):
    program = database.own_server(tmp_path / "mongod", tmp_path, 27000)
    words = list(program.command)
    assert words[words.index("--bind_ip") + 1] == "127.0.0.1"
    assert words[words.index("--dbpath") + 1] == str(tmp_path / "mongodb")
    assert "zlib" not in words[words.index("--networkMessageCompressors") + 1]
    assert "--nounixsocket" in words


def test_an_unusable_database_says_why(monkeypatch):
    monkeypatch.setattr(database, "USABLE_SECONDS", 0.1)
    reason = database.unusable("mongodb://127.0.0.1:1/")
    assert reason is not None and "127.0.0.1:1" in reason
    assert database.unusable("no uri") is not None
