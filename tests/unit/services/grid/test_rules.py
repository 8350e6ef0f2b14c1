"""Rules as a county writes them: what a row means, when it holds, and what is wrong with it."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.grid.rules import InvalidRules, Matter, misfit, read_rows, read_rules, words

ROOT = Path(__file__).resolve().parents[4]
HEADER = "id,order,valid_from,valid_to,category,responsible,place,decides,bars,clear,reason"
TOWN = "town,90,2026-01-01,,,,,镇街,,否,属地由“{镇街}”负责"


def rules_of(*lines):
    return read_rules(read_rows("\n".join([HEADER, *lines, TOWN]).encode()))


def rule_of(line):
    return next(rule for rule in rules_of(line) if rule.id == "x")


def matter(category="06010", responsible=("环卫",), in_compound=True, on=date(2026, 11, 24)):
    return Matter(category, tuple(responsible), in_compound, on)


def test_the_countys_own_file_is_in_order_and_explains_every_rule():
    rules = read_rules(read_rows((ROOT / "data" / "routing.csv").read_bytes()))
    assert [rule.order for rule in rules] == sorted(rule.order for rule in rules)
    assert {"own-complaint", "lead-kept-close"} == {rule.id for rule in rules if rule.bars}
    assert all(rule.reason for rule in rules)


def test_a_row_is_read_as_it_is_written_also_out_of_a_spreadsheet():
    row = " x ,10,2026-02-03,2027-01-01,94*,物业|社区,小区内,部门：城管,,否,由{责任}移交"
    assert read_rules(read_rows(b"\xef\xbb\xbf" + f"{HEADER}\r\n{row}\r\n{TOWN}\r\n".encode()))
    rule = rule_of(row)
    assert (rule.order, rule.valid_from, rule.valid_to) == (10, date(2026, 2, 3), date(2027, 1, 1))
    assert (rule.category, rule.responsible, rule.place) == ("94*", ("物业", "社区"), "小区内")
    assert (rule.decides, rule.bars, rule.clear) == ("部门:城管", (), False)


@pytest.mark.parametrize(
    ("conditions", "case", "why"),
    [
        (",,", {}, ""),
        ("06010,,", {}, ""),
        ("06*,,", {}, ""),
        ("94*,,", {}, "只适用于类别94*"),
        ("06011,,", {}, "只适用于类别06011"),
        (",,小区内", {}, ""),
        (",,小区内", {"in_compound": False}, "只适用于小区内"),
        (",,小区外", {}, "只适用于小区外"),
        (",,小区外", {"in_compound": False}, ""),
        (",城管|环卫,", {}, ""),
        (",城管|物业,", {}, "责任单位中没有“城管、物业”"),
        (",!城管|物业,", {}, ""),
        (",!城管|环卫,", {}, "责任单位中没有“城管、环卫”以外的单位"),
        (",*,", {}, ""),
        (",*,", {"responsible": ()}, "责任单位中没有任何单位"),
    ],
)
def test_a_rule_speaks_of_a_case_when_all_its_conditions_fit(conditions, case, why):
    rule = rule_of(f"x,10,2026-01-01,,{conditions},部门:城管,,是,因")
    assert misfit(rule, matter(**case)) == why


def test_words_come_with_their_position():
    rule = rule_of("x,10,2026-01-01,,,!社区,,部门,,是,因")
    found = words(rule, matter(responsible=("环卫", "社区", "城管")))
    assert found == [(0, "环卫"), (2, "城管")]


@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.integers(1, 400),
    st.integers(-500, 500),
)
def test_a_rule_is_in_force_from_its_first_day_up_to_the_day_it_ends(first, length, offset):
    end = first + timedelta(days=length)
    rule = rule_of(f"x,10,{first},{end},,,,社区,,否,因")
    on = first + timedelta(days=offset)
    assert (misfit(rule, matter(on=on)) == "") == (
        on in {first + timedelta(n) for n in range(length)}
    )


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("X!,10,2026-01-01,,,,,社区,,否,因", "id: must be a-z"),
        (",10,2026-01-01,,,,,社区,,否,因", "id: Missing"),
        ("town,10,2026-01-01,,,,,社区,,否,因", "id: town is also that of line 2"),
        ("x,first,2026-01-01,,,,,社区,,否,因", "order: Not a valid integer"),
        ("x,-1,2026-01-01,,,,,社区,,否,因", "order: "),
        ("x,10,2026/1/1,,,,,社区,,否,因", "valid_from: Not a valid date"),
        ("x,10,2026-02-30,,,,,社区,,否,因", "valid_from: Not a valid date"),
        ("x,10,,,,,,社区,,否,因", "valid_from: Missing"),
        ("x,10,2026-01-01,2026-01-01,,,,社区,,否,因", "valid_to: must be after valid_from"),
        ("x,10,2026-01-01,,6010,,,社区,,否,因", "category: must be five digits"),
        ("x,10,2026-01-01,,94**,,,社区,,否,因", "category: must be five digits"),
        ("x,10,2026-01-01,,,物业||社区,,社区,,否,因", "responsible: must be word"),
        ("x,10,2026-01-01,,,物业|!社区,,社区,,否,因", "responsible: must be word"),
        ("x,10,2026-01-01,,,,楼道,社区,,否,因", "place: Must be one of: 小区内, 小区外"),
        ("x,10,2026-01-01,,,,,居委会,,否,因", "decides: must be 本小区物业, 社区, 镇街"),
        ("x,10,2026-01-01,,,,,部门:,,否,因", "decides: must be"),
        ("x,10,2026-01-01,,,,,部门,,否,因", "responsible: which department?"),
        ("x,10,2026-01-01,,,,,社区,物业,否,因", "decides: a rule either decides or bars"),
        ("x,10,2026-01-01,,,,,,,,因", "decides: a rule either decides or bars"),
        ("x,10,2026-01-01,,,,,,镇街,,因", "bars: must be one or more of"),
        ("x,10,2026-01-01,,,,,社区,,,因", "clear: 是 or 否"),
        ("x,10,2026-01-01,,,,,,物业,是,因", "clear: 是 or 否"),
        ("x,10,2026-01-01,,,,,社区,,也许,因", "clear: Must be one of"),
        ("x,10,2026-01-01,,,,,社区,,否,", "reason: Missing"),
        ("x,10,2026-01-01,,,,,社区,,否,由{网格}负责", "reason: {网格} is not one of"),
        ("x,10,2026-01-01,,,,,社区,,否,因,多", "more cells than columns: Unknown field"),
        ("x,90,2026-01-01,,,,,社区,,否,因", "order: 90 is also that of line 2"),
    ],
)
def test_a_row_that_is_wrong_is_refused_with_its_line_and_field(row, fault):
    with pytest.raises(InvalidRules) as refused:
        read_rules(read_rows(f"{HEADER}\n{TOWN}\n{row}\n".encode()))
    assert f"routing.csv: line 3: {fault}" in str(refused.value)


def test_every_line_at_fault_is_told_at_once():
    with pytest.raises(InvalidRules) as refused:
        rules_of("x,a,2026-01-01,,,,,社区,,否,因", "", "y,10,never,,,,,社区,,否,因")
    assert "line 2: order" in str(refused.value) and "line 4: valid_from" in str(refused.value)


@pytest.mark.parametrize(
    "content", [b"", HEADER.encode(), "物业".encode("gbk"), b"id;order\nx;10", b"\x00" * 9]
)
def test_what_is_no_rules_file_is_refused(content):
    with pytest.raises(InvalidRules, match=r"^routing\.csv: "):
        read_rules(read_rows(content))


def test_rules_of_one_order_must_be_for_different_words():
    word, other, rest = "x,10,{},,,{},,部门,,是,因", "y,10,{},,,{},,部门,,是,因", "2026-01-01"
    for mine, theirs in [("环卫", "城管"), ("!环卫", "环卫"), ("环卫|城管", "!城管|环卫")]:
        assert rules_of(word.format(rest, mine), other.format(rest, theirs))
    for mine, theirs in [("环卫", "城管|环卫"), ("!环卫", "!城管"), ("*", "环卫"), ("*", "!环卫")]:
        with pytest.raises(InvalidRules, match="line 3: order: 10 is also that of line 2"):
            rules_of(word.format(rest, mine), other.format(rest, theirs))


def test_a_rule_may_take_the_place_of_another_on_the_day_it_ends():
    assert rules_of("x,10,2026-01-01,2027-01-01,,,,社区,,否,因", "y,10,2027-01-01,,,,,社区,,否,因")
    with pytest.raises(InvalidRules, match="order: 10"):
        rules_of("x,10,2026-01-01,2027-01-01,,,,社区,,否,因", "y,10,2026-12-31,,,,,社区,,否,因")


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["x,1,2026-01-01,,,,,社区,,否,因"], "no rule without conditions names 镇街"),
        (["x,1,2026-01-01,,,,小区内,镇街,,否,因"], "no rule without conditions names 镇街"),
        (["x,1,2026-01-01,2027-01-01,,,,镇街,,否,因"], "from 2027-01-01 on"),
        (
            ["x,1,2026-01-01,,,,,社区,,否,因", "y,2,2026-02-01,,,,,镇街,,否,因"],
            "from 2026-01-01 on",
        ),
    ],
)
def test_a_report_is_never_nowhere(lines, fault):
    with pytest.raises(InvalidRules, match=fault):
        read_rules(read_rows("\n".join([HEADER, *lines]).encode()))
