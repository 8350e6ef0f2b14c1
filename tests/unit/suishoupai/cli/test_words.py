"""The ``words`` commands over a small county of their own."""

import pytest
from typer.testing import CliRunner

from suishoupai.cli.main import app

COLUMNS = (
    "code,kind,major_name,name,responsible,limit,limit_unit,limit_basis,confidential,"
    "auto_dispatch,filing_condition,check_limit,check_unit,extensible,emergency,valid_from,valid_to"
)
CATALOGUE = f"""\
{COLUMNS}
01037,事项,市政公用设施,路灯异常,路灯,2,工作日,REC,否,是,路灯不亮。,1,工作日,是,,2026-01-01,
06010,事项,市容环境,暴露垃圾,环卫,4,工作时,S,否,是,有垃圾。,4,工作时,否,,2026-01-01,
"""
TRAINING = "category,description\n" + "".join(
    f"{code},{text}\n"
    for code, texts in (
        ("01037", ("路灯不亮", "路灯坏了", "路灯歪了", "路灯灭了", "路灯闪")),
        ("06010", ("垃圾成堆", "垃圾臭", "垃圾没人收", "一堆垃圾", "垃圾袋")),
    )
    for text in texts
)


@pytest.fixture
def county(tmp_path, monkeypatch):
    (tmp_path / "words").mkdir()
    (tmp_path / "catalogue.csv").write_text(CATALOGUE, encoding="utf-8")
    (tmp_path / "words" / "training.csv").write_text(TRAINING, encoding="utf-8")
    monkeypatch.setenv("SUISHOUPAI_COUNTY", str(tmp_path))
    return tmp_path


def run(*words):
    return CliRunner().invoke(app, ["words", *words], env={"COLUMNS": "200"})


def cells(output):
    """The rows of the tables that were printed."""
    lines = [line.strip("│┃ \n") for line in output.splitlines() if "│" in line]
    return [[cell.strip() for cell in line.split("│")] for line in lines]


def test_accuracy_counts_first_and_among_three_by_major_class(county):
    (county / "words" / "heldout.csv").write_text(
        "category,description\n01037,路灯不亮了\n01037,垃圾\n06010,垃圾臭了\n06010,123\n",
        encoding="utf-8",
    )
    outcome = run("accuracy")
    assert outcome.exit_code == 0
    assert "10 examples, 4 asked" in outcome.output
    rows = cells(outcome.output)
    assert ["市政公用设施", "2", "50.0%", "50.0%"] in rows
    assert ["市容环境", "2", "50.0%", "50.0%"] in rows
    assert ["全部 all", "4", "50.0%", "50.0%"] in rows
    assert ["1", "01037 路灯异常", "06010 暴露垃圾"] in rows
    assert ["1", "06010 暴露垃圾", "nothing"] in rows


def test_another_file_can_be_asked(county, tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("category,description\n06010,一堆垃圾\n", encoding="utf-8")
    outcome = run("accuracy", "--heldout", str(path))
    assert outcome.exit_code == 0
    assert ["全部 all", "1", "100.0%", "100.0%"] in cells(outcome.output)


def test_cross_validation_asks_every_training_example_once(county):
    outcome = run("accuracy", "--cross-validation")
    assert outcome.exit_code == 0
    assert ["全部 all", "10", "100.0%", "100.0%"] in cells(outcome.output)


def test_without_a_held_out_file_it_leaves_with_2_and_names_it(county):
    outcome = run("accuracy")
    assert outcome.exit_code == 2
    assert "heldout.csv: No such file or directory" in outcome.stderr


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("category,description\n06010,垃圾\n06011,渣土\n", "line 3: category: 06011"),
        ("category,description\n06010,\n", "line 2: description: is blank"),
        ("category,description\n", "there is no description in it"),
    ],
)
def test_a_held_out_file_with_a_fault_leaves_with_2_and_names_the_line(county, content, fault):
    (county / "words" / "heldout.csv").write_text(content, encoding="utf-8")
    outcome = run("accuracy")
    assert outcome.exit_code == 2
    assert fault in outcome.stderr


def test_a_county_without_a_catalogue_is_told(county):
    (county / "catalogue.csv").unlink()
    outcome = run("suggest", "路灯")
    assert outcome.exit_code == 2
    assert "catalogue.csv" in outcome.stderr


def test_suggest_shows_categories_and_their_words(county):
    outcome = run("suggest", "门口的路灯不亮")
    assert outcome.exit_code == 0
    first, *_ = cells(outcome.output)
    assert first[:2] == ["01037", "路灯异常"]
    assert first[3] == "路灯不亮"


def test_suggest_says_when_no_word_is_known(county):
    outcome = run("suggest", "12345")
    assert outcome.exit_code == 0
    assert "no word of it is known" in outcome.output
