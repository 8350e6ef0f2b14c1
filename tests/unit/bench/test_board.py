import json
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bench.asking import DRAWN
from bench.board import taken
from bench.compare import compare, fault
from bench.questions import QUESTIONS
from suishoupai.divisions import LEVELS


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=60))
def test_of_a_hundred_ninety_five_are_no_slower_than_the_p95(times):
    found = taken(times)
    assert found.most == max(times)
    assert found.p95 in times
    assert sum(each <= found.p95 for each in times) >= 0.95 * len(times)
    assert sum(each < found.p95 for each in times) < 0.95 * len(times)
    assert sum(each <= found.median for each in times) >= len(times) / 2


def test_no_two_questions_have_one_name_and_each_can_be_drawn():
    names = [question.name for question in QUESTIONS]
    assert len(names) == len(set(names))
    for question in QUESTIONS:
        assert question.level in LEVELS.values()
        assert question.span in ("", *DRAWN)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (10.0, 13.0, ""),
        (10.0, 16.0, "grows"),
        (1.0, 3.2, ""),
        (90.0, 101.0, "too slow"),
        (None, 99.0, ""),
        (None, 100.5, "too slow"),
    ],
)
def test_what_does_not_pass(before, after, said):
    assert fault(before, after, 2.0) == said


def test_two_measurements_are_compared_and_the_exit_says_whether_it_passes(tmp_path):
    app = typer.Typer()
    app.command()(compare)
    small = _written(tmp_path / "small.json", 10_000, {"quick": 5.0, "slow": 80.0})
    large = _written(tmp_path / "large.json", 1_000_000, {"quick": 5.5, "slow": 81.0, "new": 9.0})
    done = CliRunner().invoke(app, [small, large])
    assert done.exit_code == 0
    assert "1.10" in done.output
    grown = _written(tmp_path / "grown.json", 1_000_000, {"quick": 50.0, "slow": 180.0})
    done = CliRunner().invoke(app, [small, grown])
    assert done.exit_code == 1
    assert "grows" in done.output and "too slow" in done.output


def _written(path: Path, cases, times):
    questions = {name: {"median": p95, "p95": p95, "most": p95} for name, p95 in times.items()}
    path.write_text(json.dumps({"cases": cases, "questions": questions}))
    return str(path)
