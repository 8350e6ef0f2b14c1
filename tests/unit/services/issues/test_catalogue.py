"""What an import changes, against looking at every day and every code."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.issues.catalogue import by_code, compare, from_day, in_force, overwritten

FIRST = date(2026, 1, 1)
SPAN = 12
"""Days that are looked at; what happens on the last goes on for good."""
CODES = ("97991", "97992", "97993")
ROW = {
    "kind": "事项",
    "major_name": "试验",
    "name": "试验一",
    "responsible": ["城管", "社区"],
    "limit": 1,
    "limit_unit": "工作日",
    "limit_basis": "REC",
    "confidential": False,
    "auto_dispatch": "always",
    "filing_condition": "现场可见。",
    "check_limit": 4,
    "check_unit": "工作时",
    "extensible": False,
    "emergency": [],
}


def day(number):
    return (FIRST + timedelta(days=number)).isoformat()


def row(code="97991", begins=None, ends=None, **more):
    period = [None if number is None else day(number) for number in (begins, ends)]
    return {**ROW, "code": code, "valid_from": period[0], "valid_to": period[1], **more}


def kept(*args, **more):
    made = row(*args, **more)
    return {"_id": f"{made['code']}@{made['valid_from']}", **made}


@st.composite
def timelines(draw, make):
    """Rows of some codes, at most three of each and no two in force on one day."""
    rows = []
    for code in draw(st.lists(st.sampled_from(CODES), unique=True)):
        bounds = sorted(draw(st.sets(st.integers(0, SPAN - 1), min_size=2, max_size=6)))
        pairs = list(zip(bounds[::2], bounds[1::2], strict=False))
        rows += (make(code, *pair, limit=draw(st.integers(1, 2))) for pair in pairs)
        if draw(st.booleans()):
            rows[-1] = {**rows[-1], "valid_to": None}
        if draw(st.booleans()):
            # What follows at once is as frequent in catalogues as a gap is rare.
            for one, next_one in pairwise(rows):
                if one["code"] == next_one["code"]:
                    one["valid_to"] = next_one["valid_from"]
    return rows


PRESENT = timelines(kept)
WANTED = timelines(row).flatmap(
    lambda rows: st.sampled_from(
        [rows, [{**each, "valid_from": None, "valid_to": None} for each in firsts(rows)]]
    )
)
STARTS = st.integers(0, SPAN - 1)


def firsts(rows):
    return [versions[0] for versions in by_code(rows).values()]


def applied(present, changes):
    """The rows after the changes, as a store that knows nothing of periods has them."""
    rows = {each["_id"]: each for each in present}
    for each in changes.replaced:
        del rows[each["_id"]]
    return list((rows | {each["_id"]: each for each in changes.written}).values())


def seen(rows, code, number):
    """The limit of a code on a day, or None: by looking at every row."""
    found = [
        each["limit"]
        for each in rows
        if each["code"] == code
        and (each["valid_from"] or "") <= day(number)
        and (each["valid_to"] is None or day(number) < each["valid_to"])
    ]
    assert len(found) < 2, "in force twice"
    return found[0] if found else None


def expected(present, wanted, start, end_missing, code, number):
    rows = [each for each in wanted if each["code"] == code]
    first = min((each["valid_from"] or "" for each in rows), default=None)
    if number < start:
        return seen(present, code, number)
    if first is None:
        return None if end_missing else seen(present, code, number)
    return seen(present if day(number) < first else wanted, code, number)


@given(PRESENT, WANTED, STARTS, st.booleans())
def test_from_the_day_on_it_is_as_wanted_and_before_as_it_was(present, wanted, start, end_missing):
    changes = compare(present, wanted, FIRST + timedelta(days=start), end_missing)
    after = applied(present, changes)
    for code in CODES:
        for number in range(SPAN):
            due = expected(present, wanted, start, end_missing, code, number)
            assert seen(after, code, number) == due, (code, number)


@given(PRESENT, WANTED, STARTS, STARTS, st.booleans())
def test_the_same_again_changes_nothing_on_that_day_or_later(present, wanted, one, more, ending):
    after = applied(present, compare(present, wanted, FIRST + timedelta(days=one), ending))
    again = compare(after, wanted, FIRST + timedelta(days=one + more), ending)
    assert again.nothing
    assert not again.added and not again.changed and not again.ended
    assert set(again.unchanged) == {each["code"] for each in wanted}


@given(PRESENT, WANTED, STARTS, st.booleans())
def test_what_began_before_the_day_keeps_its_beginning_and_content(present, wanted, start, ending):
    changes = compare(present, wanted, FIRST + timedelta(days=start), ending)
    after = {each["_id"]: each for each in applied(present, changes)}
    assert all(each["_id"] == f"{each['code']}@{each['valid_from']}" for each in after.values())
    assert all(
        each["valid_to"] is None or each["valid_from"] < each["valid_to"] for each in after.values()
    )
    for each in present:
        if each["valid_from"] < day(start):
            assert {**after[each["_id"]], "valid_to": None} == {**each, "valid_to": None}
    begun = {each["code"] for each in changes.replaced if each["valid_from"] <= day(start)}
    assert set(overwritten(changes, FIRST + timedelta(days=start))) == begun


@given(PRESENT, WANTED, STARTS, st.booleans())
def test_every_step_is_true_and_what_has_none_is_as_it_was(present, wanted, start, ending):
    changes = compare(present, wanted, FIRST + timedelta(days=start), ending)
    after = applied(present, changes)
    number = {day(each): each for each in range(SPAN)}

    def both(step):
        return [seen(rows, step.code, number[step.on]) for rows in (present, after)]

    assert all(both(step)[0] is None and both(step)[1] for step in changes.added)
    assert all(both(step)[0] and both(step)[1] is None for step in changes.ended)
    for step in changes.changed:
        (field, old, new) = step.fields[0]
        assert [old, new] == both(step) if field == "limit" else field == "valid_to"
    told = {step.code for step in (*changes.added, *changes.changed, *changes.ended)}
    for code in set(CODES) - told:
        assert all(seen(present, code, n) == seen(after, code, n) for n in range(SPAN))


@given(PRESENT, STARTS, STARTS)
def test_what_is_exported_changes_nothing(present, on, start):
    exported = from_day(present, FIRST + timedelta(days=on))
    bare = [{name: each[name] for name in each if name != "_id"} for each in exported]
    assert compare(present, bare, FIRST + timedelta(days=max(on, start))).nothing


def test_what_is_over_is_not_exported():
    present = [kept(begins=0, ends=5), kept(begins=5, ends=8), kept(begins=8)]
    assert from_day(present, FIRST + timedelta(days=5)) == present[1:]
    assert from_day(present, FIRST + timedelta(days=4)) == present


def test_a_change_ends_the_old_version_and_names_each_field():
    present = [kept(begins=0)]
    changes = compare(present, [row(limit=4, confidential=True)], date(2026, 1, 6))
    assert changes.written == (
        {**present[0], "valid_to": "2026-01-06"},
        kept(begins=5, limit=4, confidential=True),
    )
    assert changes.replaced == ()
    (step,) = changes.changed
    assert (step.code, step.name, step.on) == ("97991", "试验一", "2026-01-06")
    assert step.fields == (("limit", 1, 4), ("confidential", False, True))


def test_a_code_that_is_not_in_the_file_is_told_and_ended_only_when_asked():
    present = [kept(begins=0), kept("97992", begins=0), kept("97993", 0, 2)]
    left = compare(present, [row()], date(2026, 1, 6))
    assert left.nothing
    assert (left.unchanged, left.missing) == (("97991",), ("97992",))
    ending = compare(present, [row()], date(2026, 1, 6), end_missing=True)
    assert ending.written == ({**present[1], "valid_to": "2026-01-06"},)
    assert [(step.code, step.on) for step in ending.ended] == [("97992", "2026-01-06")]


def test_what_was_planned_is_replaced_by_what_is_wanted_now():
    present = [kept(begins=0, ends=8), kept(begins=8, limit=2)]
    other = compare(present, [row(limit=3)], date(2026, 1, 6))
    assert other.replaced == (present[1],)
    assert [each["_id"] for each in other.written] == ["97991@2026-01-01", "97991@2026-01-06"]
    back = compare(present, [row()], date(2026, 1, 6))
    assert (back.written, back.replaced) == (({**present[0], "valid_to": None},), (present[1],))


def test_a_row_with_dates_of_its_own_holds_for_them():
    present = [kept(begins=0)]
    later = compare(present, [row(begins=9, ends=11, limit=2)], date(2026, 1, 6))
    assert later.written == ({**present[0], "valid_to": day(9)}, kept(begins=9, ends=11, limit=2))
    assert [(step.code, step.on) for step in later.ended] == [("97991", day(11))]
    earlier = compare([], [row(begins=0)], date(2026, 1, 6))
    assert earlier.written == (kept(begins=5),)


def test_what_began_today_was_in_force_and_is_not_to_be_overwritten():
    present = [kept(begins=5), kept("97992", begins=6)]
    changes = compare(present, [row(limit=2), row("97992", limit=2)], date(2026, 1, 6))
    assert overwritten(changes, date(2026, 1, 6)) == ["97991"]


def test_the_last_day_is_the_one_before_the_end():
    version = row(begins=0, ends=5)
    assert in_force([version], "2026-01-05") == version
    assert in_force([version], "2026-01-06") is None
    assert in_force([version], "2025-12-31") is None
