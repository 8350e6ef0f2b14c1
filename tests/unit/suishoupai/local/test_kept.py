"""What stays with a data folder."""

import stat

import pytest

from suishoupai.local import CannotStart
from suishoupai.local.kept import Kept, alone, make_folder, read_kept, write_kept


def test_what_is_kept_is_read_again_and_nobody_else_can(tmp_path):
    kept = Kept(namespace="mine", ports={"gateway": 8000}, amqp_uri="amqp://there")
    write_kept(tmp_path, kept)
    write_kept(tmp_path, kept)
    assert read_kept(tmp_path) == kept
    assert stat.S_IMODE((tmp_path / "stack.json").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["stack.json"]


def test_an_empty_folder_keeps_nothing(tmp_path):
    assert read_kept(tmp_path) is None
    assert read_kept(tmp_path / "missing") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"other": 1}', "\0"])
def test_a_file_that_is_not_ours_is_said_to_be_unreadable(tmp_path, text):
    (tmp_path / "stack.json").write_text(text)
    with pytest.raises(CannotStart, match=r"stack\.json cannot be read"):
        read_kept(tmp_path)


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a ;b", "a #b", "a\nb"])
def test_a_folder_the_configuration_cannot_name_is_refused(tmp_path, name):
    with pytest.raises(CannotStart, match="cannot hold"):
        make_folder(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match="cannot be made"):
        make_folder(tmp_path / "file" / "data")


def test_two_commands_never_start_or_stop_a_stack_at_once(tmp_path):
    with alone(tmp_path):
        with pytest.raises(CannotStart, match="another command"), alone(tmp_path):
            pass
        other = tmp_path / "other"
        make_folder(other)
        with alone(other):
            pass
    with alone(tmp_path):
        pass
