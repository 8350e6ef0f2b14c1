"""The map in memory: read again when its version rises, and never with rules that are wrong."""

from pathlib import Path

import pytest

from services.grid.atlas import Atlas
from services.grid.map import CurrentMap
from services.grid.routing import Directory
from services.grid.rules import InvalidRules, read_rows

DATA = Path(__file__).resolve().parents[4] / "data"
ROWS = read_rows((DATA / "routing.csv").read_bytes())


class Store:
    """A map that can be changed."""

    def __init__(self, rows):
        self.rows, self.now, self.reads = rows, 1, 0

    def change(self, rows):
        self.rows, self.now = rows, self.now + 1

    def version(self):
        return self.now

    def atlas(self):
        self.reads += 1
        return Atlas(self.now, [], [], {})

    def directory(self):
        return Directory([])

    def routing_rules(self):
        return self.rows


def ids(county_map):
    return [rule.id for rule in county_map.rules]


def without(rule):
    return [row for row in ROWS if row["id"] != rule]


def test_the_map_is_read_again_only_when_its_version_rose():
    store, current = Store(ROWS), CurrentMap(DATA)
    assert "lead" in ids(current.current(store))
    store.rows = without("lead")
    assert "lead" in ids(current.current(store)) and store.reads == 1
    store.change(without("lead"))
    assert "lead" not in ids(current.current(store)) and store.reads == 2


def test_rules_that_are_wrong_leave_the_old_ones_in_force_until_they_are_mended():
    store, current = Store(ROWS), CurrentMap(DATA)
    before = current.current(store).rules
    store.change(without("territorial-town"))
    assert current.current(store).rules is before
    assert current.current(store).atlas.version == 2 and store.reads == 2
    store.change(without("lead"))
    assert "lead" not in ids(current.current(store))


def test_without_rules_of_before_wrong_ones_are_an_error():
    with pytest.raises(InvalidRules, match="镇街"):
        CurrentMap(DATA).current(Store(without("territorial-town")))


def test_a_database_that_keeps_no_rules_yet_is_served_by_the_countys_file():
    assert "lead" in ids(CurrentMap(DATA).current(Store([])))
