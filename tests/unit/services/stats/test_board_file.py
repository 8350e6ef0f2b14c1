"""The file of the board, and what is wrong with it."""

import json

import pytest

from services.stats.board_file import Board, current_board, marks, read_board
from services.stats.definitions import current
from suishoupai.contracts.words import STATES


def test_the_board_of_the_county_counts_sets_that_there_are():
    board, sets = current_board(), current().sets
    assert {each.id for each in board.today} < set(sets)
    assert list(board.states) == list(STATES)
    assert board.states["handling"] is sets["now_handling"]
    assert marks([board.open, board.overdue]) == ["reported/open", "disposal/overdue_unhandled"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({}, "today"),
        ([], "Invalid input"),
        ({"today": []}, "today"),
        ({"today": "reported"}, "today"),
        ({"today": ["reported"], "tomorrow": []}, "tomorrow"),
        ({"today": ["reported", "imagined"]}, "today: no set 'imagined'"),
        ({"today": ["reported", "rated", "reported"]}, "today: reported stands there twice"),
    ],
)
def test_what_is_wrong_is_named(raw, said, tmp_path):
    path = tmp_path / "board.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(ValueError, match=r"^board\.json: ") as refused:
        read_board(path, current())
    assert said in str(refused.value)


def test_a_file_that_is_no_json_is_named_too(tmp_path):
    path = tmp_path / "board.json"
    path.write_text('{"today": ["reported"', encoding="utf-8")
    with pytest.raises(ValueError, match=r"^board\.json: "):
        read_board(path, current())


@pytest.mark.parametrize("lacking", ["open", "overdue_unhandled", "near_limit", "now_handling"])
def test_a_county_without_the_sets_of_the_lights_or_states_has_no_board(lacking):
    class Known:
        sets = {id: each for id, each in current().sets.items() if id != lacking}  # noqa: RUF012

    with pytest.raises(ValueError, match=f"no set '{lacking}'"):
        Board({"today": ["reported"]}, Known())
