"""What a report says, from made-up answers."""

import pytest

from services.gateway.reports.content import content

from .answers import COUNTS, MADE_AT, NAMES, PARTIES, answered, figures, report

REPORT = report()


def test_it_says_what_it_is_about():
    assert REPORT["title"] == "泗县2026年10月月度报告"
    assert REPORT["division"] == {"code": "341324", "name": "泗县"}
    assert REPORT["whole"] and REPORT["made_at"] == MADE_AT.isoformat()
    assert REPORT["from"] == "2026-10-01T00:00:00+08:00"


def test_a_month_that_is_not_over_says_so():
    answers = answered()
    answers["comparison"]["to"] = "2026-10-20T11:00:00+08:00"
    assert not content("341324", "2026-10", answers, NAMES, MADE_AT)["whole"]


def test_every_indicator_has_its_numbers_and_its_formula():
    assert len(REPORT["indicators"]) == 16
    for told, known, formula in zip(
        REPORT["indicators"], figures(0), REPORT["formulas"], strict=True
    ):
        assert {name: told[name] for name in ("numerator", "denominator", "value")} == {
            name: known[name] for name in ("numerator", "denominator", "value")
        }
        assert told["id"] == known["id"] == formula["id"]
        assert told["previous"]["direction"] in ("down", "unknown")
        assert (formula["version"], formula["source"]) == (known["version"], known["source"])
    assert [each["id"] for each in REPORT["counts"]] == list(COUNTS)
    assert [each["value"] for each in REPORT["scores"]] == [88.125, None]


def test_every_day_has_a_row():
    rows = REPORT["days"]["rows"]
    assert [row["day"] for row in rows] == [f"2026-10-{day:02d}" for day in range(1, 32)]
    assert rows[1]["counts"] == [13, 18, 23, 28]


def test_categories_and_parties_have_their_names():
    assert REPORT["categories"]["rows"][0]["name"] == "暴露垃圾"
    parties = REPORT["parties"]
    assert [row["name"] for row in parties["rows"]] == list(PARTIES.values())
    for number, row in enumerate(parties["rows"]):
        known = {each["id"]: each for each in figures(40 + number)}
        assert [each["id"] for each in row["indicators"]] == [c["id"] for c in parties["columns"]]
        for each in row["indicators"]:
            assert each["value"] == known[each["id"]]["value"]


def test_divisions_below_stand_by_rank_and_the_others_after_them():
    rows = REPORT["children"]["rows"]
    assert [(row["rank"], row["code"]) for row in rows] == [
        (1, "341324101"),
        (2, "341324001"),
        (None, "341324102"),
    ]
    assert [row["word"] for row in rows] == ["良好", "良好", "案件太少"]
    assert rows[2]["name"] == NAMES["341324102"]
    for row in rows:
        known = {each["id"]: each for each in figures(int(row["code"][-3:]) % 37)}
        assert row["reported"] == known["valid_report_rate"]["denominator"]
        for each in row["indicators"]:
            assert each["numerator"] == known[each["id"]]["numerator"]


@pytest.mark.parametrize("missing", ["comparison", "child 341324101", "names "])
def test_nothing_is_left_out_in_silence(missing):
    answers = answered()
    del answers[missing]
    if missing == "names ":
        told = content("341324", "2026-10", answers, NAMES, MADE_AT)["parties"]["rows"]
        assert "department-1" in [row["name"] for row in told]
        return
    with pytest.raises(KeyError):
        content("341324", "2026-10", answers, NAMES, MADE_AT)
