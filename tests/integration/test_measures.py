"""The county's own metrics as stats shows them: each thing once, and what is open as it is."""

import json
import uuid
from contextlib import contextmanager

import pytest
from kombu import Queue
from prometheus_client.parser import text_string_to_metric_families

from suishoupai.contracts.events import read_event
from suishoupai.contracts.words import ENDED, LIGHTS, PARTY_KINDS
from suishoupai.messaging.topology import connect, events_exchange

from .broker import depth, publish
from .conftest import eventually, place_in, report_body
from .people import people_around

PHOTOS = ["https://photos.example/before.jpg", "https://photos.example/after.jpg"]


@pytest.fixture(scope="module")
def people(world, compound):
    return people_around(world, compound[0])


def samples(world):
    """(Name, labels without ``le``) → value of the county's own metrics."""
    text = world.pool.request("GET", f"{world.address('stats')}/metrics").data.decode()
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        if family.name.startswith("suishoupai_case")
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def grown(before, after):
    """By how much each counter grew, where it did; gauges and buckets are left out."""
    return {
        key: after[key] - before.get(key, 0)
        for key in after
        if key[0].endswith(("_total", "_count")) and after[key] != before.get(key, 0)
    }


KIND = ("party_kind", "property")
MAJOR = ("major", "06")


@contextmanager
def keeping(stack):
    """Keeps every event that is published meanwhile: ``kept()`` gives those that came so far."""
    settings = stack.settings()
    with connect(settings.amqp_uri) as connection:
        queue = Queue(
            f"keeping-{uuid.uuid4().hex}",
            exchange=events_exchange(settings.namespace),
            routing_key="#",
            exclusive=True,
        )(connection.channel())
        queue.declare()
        found = []

        def kept():
            while message := queue.get(no_ack=True):
                found.append(read_event(message.body))
            return found

        yield kept


def lived(world, point, people):
    """A case that is dispatched, becomes overdue, is taken, and is handled twice."""
    issue = world.report(report_body(point), uuid.uuid4().hex).body["id"]
    world.settled(issue)
    rows = world.database("issues")["issues"]
    rows.update_one(
        {"_id": issue},
        {"$min": {"alarms.$[alarm].at": rows.find_one({"_id": issue})["reported_at"]}},
        array_filters=[{"alarm.kind": "overdue"}],
    )
    eventually(lambda: rows.find_one({"_id": issue, "history.action": "overdue"}))
    for _ in range(2):
        if world.case(issue)["state"] == "dispatched":
            world.done(issue, "take", people.handler)
        else:
            world.done(issue, "rework", people.dispatcher, reason="没有清干净")
        world.done(issue, "feed_back", people.handler, note="已清理", photos=PHOTOS)
    return issue


def test_each_thing_is_counted_once_and_a_repetition_changes_nothing(world, compound, people):
    before = samples(world)
    with keeping(world.stack) as kept:
        issue = lived(world, compound[1], people)
        expected = {
            ("suishoupai_cases_reported_total", MAJOR): 1,
            ("suishoupai_cases_dispatched_total", MAJOR, KIND): 1,
            ("suishoupai_cases_overdue_total", MAJOR, KIND): 1,
            ("suishoupai_case_response_seconds_count", KIND): 1,
            ("suishoupai_case_handling_seconds_count", KIND): 1,
        }
        eventually(lambda: grown(before, samples(world)) == expected)
        of_case = eventually(lambda: all_of(world, issue, kept()))
    counted = facts(world, issue)
    again = [json.dumps(each.to_dict()).encode() for each in [*of_case, *reversed(of_case)]]
    done = settled_messages(world)
    publish(world.stack, "stats.count", again)
    eventually(lambda: settled_messages(world) >= done + len(again))
    assert depth(world.stack, "stats.count") == 0
    assert grown(before, samples(world)) == expected
    assert facts(world, issue) == counted
    seconds = "suishoupai_case_response_seconds_sum", KIND
    assert 0 < samples(world)[seconds] - before.get(seconds, 0) < 600


def all_of(world, issue, events):
    """The events of a case, once each of its steps and its assignment is among them."""
    case = world.database("issues")["issues"].find_one({"_id": issue})
    found = [each for each in events if each.subject == issue]
    return found if len({each.id for each in found}) > len(case["history"]) else None


def facts(world, issue):
    return world.figures("facts").find_one({"_id": issue})


def settled_messages(world):
    """How many messages stats has handled."""
    text = world.pool.request("GET", f"{world.address('stats')}/metrics").data.decode()
    name = 'suishoupai_events_consumed_total{outcome="done",purpose="count"}'
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


def test_what_is_open_is_told_by_town_and_light(world, compound, people):
    town = compound[0]["grids"][0][:9]
    _, far = place_in("grids.geojson", lambda each: not each["code"].startswith(town))
    for point in (compound[1], far):
        world.placed(world.report(report_body(point), uuid.uuid4().hex).body["id"])

    def told():
        found = {
            tuple(value for _, value in sorted(key[1:])): value
            for key, value in samples(world).items()
            if key[0] == "suishoupai_cases_open"
        }
        # Labels by name: light, then town.
        by_town = {}
        for (light, where), cases in found.items():
            assert light in LIGHTS
            by_town[where] = by_town.get(where, 0) + cases
        return by_town == recounted(world) and found

    found = eventually(told, 60)
    assert len({where for _, where in found}) >= 2


def recounted(world):
    """Town → open cases, from the documents."""
    found = {}
    for case in world.database("issues")["issues"].find():
        if case["state"] not in ENDED:
            where = case["divisions"][1] if len(case["divisions"]) > 1 else "unplaced"
            found[where] = found.get(where, 0) + 1
    return found


def test_no_label_names_anybody(world, compound, people):
    text = world.pool.request("GET", f"{world.address('stats')}/metrics").data.decode()
    labels = {}
    for family in text_string_to_metric_families(text):
        if family.name.startswith("suishoupai_case"):
            for sample in family.samples:
                for name, value in sample.labels.items():
                    labels.setdefault(name, set()).add(value)
    assert set(labels) == {"major", "party_kind", "town", "light", "le"}
    assert labels["party_kind"] <= {*PARTY_KINDS, "none"}
    assert all(len(value) == 2 and value.isdigit() for value in labels["major"])
    assert all(value == "unplaced" or len(value) == 9 for value in labels["town"])
