"""Who is told of a report, once, and in which words."""

from datetime import UTC, datetime

import pytest

from services.notify.digests import day_of
from services.notify.notices import about, shown
from services.notify.reports import report_notices, sequence_of
from services.notify.rules import COLUMNS, read_rules
from services.notify.tables import UnusableTable
from services.notify.texts import read_texts
from suishoupai.contracts.events import new_event
from suishoupai.settings import ROOT
from suishoupai.tracing import new_trace

SHIPPED = ROOT / "data" / "notices"
RULES = read_rules(SHIPPED / "rules.csv", None)
TEXTS = read_texts(SHIPPED)
AT = datetime(2026, 12, 1, 6, tzinfo=UTC)
LINK = "/api/v1/reports/01B"


def made(division="341324001", month="2026-11", subscribers=("li", "wang")):
    data = {
        "division": {"code": division, "name": "泗城镇"},
        "month": month,
        "made_at": AT.isoformat(),
        "link": LINK,
        "subscribers": list(subscribers),
    }
    return new_event(
        "report.made", source="/gateway", subject="01B", sequence=1, trace=new_trace(), data=data
    )


def test_every_subscriber_is_told_and_nobody_else():
    found = report_notices(made(), RULES, AT)
    assert [each.notice["recipient"] for each in found] == ["account:li", "account:wang"]
    assert {each.rule.kind for each in found} == {"monthly_report"}
    assert {each.notice["issue"] for each in found} == {None}
    assert all("outbox" not in each.notice for each in found)


def test_told_twice_it_is_the_same_notice():
    once, twice = (report_notices(made(), RULES, AT) for _ in range(2))
    assert [each.key for each in once] == [each.key for each in twice]
    assert about(once[0].notice) == about(once[1].notice) == "report:202611341324001"


def test_another_month_or_division_is_another_notice_and_none_is_a_digest():
    codes = ("341324", "341324001", "341324001001")
    numbers = {
        sequence_of(made(code, month).data) for code in codes for month in ("2026-11", "2026-12")
    }
    assert len(numbers) == 6
    assert min(numbers) > 10 * day_of(datetime(2099, 1, 1, tzinfo=UTC))
    assert max(numbers) < 2**63


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ("月度报告", f"泗城镇 2026-11 月度报告已生成：{LINK}")),
        (
            "en",
            ("Monthly report", "The report of 泗城镇 for 2026-11 is ready: /api/v1/reports/01B"),
        ),
    ],
)
def test_what_it_says(language, said):
    notice = report_notices(made(), RULES, AT)[0].notice
    answer = shown(notice, TEXTS[language], False)
    assert (answer["title"], answer["text"]) == said
    assert answer["link"] == LINK


def test_a_table_without_its_line_tells_nobody():
    assert report_notices(made(), [each for each in RULES if each.role != "subscriber"], AT) == []


@pytest.mark.parametrize(
    "line",
    [
        "report.made,town,,monthly_report,all",
        "report.made,subscriber,urgent,monthly_report,all",
        "report.made,subscriber,,closed,all",
        "issue.closed,subscriber,,closed,all",
        "issue.closed,party,,monthly_report,all",
    ],
)
def test_a_line_that_cannot_be_meant_is_named(tmp_path, line):
    path = tmp_path / "rules.csv"
    path.write_text(",".join(COLUMNS) + f"\n{line}\n", encoding="utf-8")
    with pytest.raises(UnusableTable, match="line 2"):
        read_rules(path, None)
