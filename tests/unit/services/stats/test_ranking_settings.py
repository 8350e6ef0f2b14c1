"""The settings of rankings as data: taken as they are written, or refused saying why."""

import json
import re
from copy import deepcopy
from datetime import date

import pytest

from services.stats.indicators import read_indicators
from services.stats.ranking_settings import FILE, ranking_settings, read_rankings

from .test_indicators import PATH

KNOWN = read_indicators(PATH)
OURS = PATH.parent / FILE
RAW = json.loads(OURS.read_text(encoding="utf-8"))


def test_our_own_file_is_taken():
    found = read_rankings(OURS, KNOWN)
    assert found.to_dict() == {name: RAW[name] for name in ("at_least", "decimals", "lights")}
    assert found.score in {score.id for score in KNOWN.scores_in_force(date(2026, 11, 25))}


def put(path, value):
    def change(raw):
        *way, last = path
        for step in way:
            raw = raw[step]
        raw[last] = value

    return change


def light(since, colour):
    return {"from": since, "colour": colour, "word": {"zh": "好", "en": "good"}}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put(["score"], "beauty"), "score: no score 'beauty'; there are handling_score"),
        (put(["score"], "Handling Score"), "score"),
        (put(["at_least"], 0), "at_least"),
        (put(["at_least"], 2.5), "at_least"),
        (put(["decimals"], 7), "decimals"),
        (put(["decimal"], 2), "decimal"),
        (put(["lights"], []), "lights"),
        (put(["lights", 0, "colour"], "blue"), "colour"),
        (put(["lights", 0, "from"], 101), "from"),
        (put(["lights", 0, "word"], {"zh": "好"}), "word"),
        (put(["lights", 1, "from"], 90), "lights[1].from: must be below"),
        (put(["lights", 2, "from"], 80), "lights[2].from: must be below"),
        (put(["lights", 2, "from"], 10), "lights: the last one must be from 0 on"),
        (put(["lights", 2, "colour"], "green"), "lights: a colour stands there twice"),
    ],
)
def test_a_fault_is_named(change, said):
    raw = deepcopy(RAW)
    change(raw)
    with pytest.raises(ValueError, match=re.escape(said)):
        ranking_settings(raw, KNOWN)


@pytest.mark.parametrize("raw", [None, [], "x", {}])
def test_what_is_no_object_with_all_its_parts_is_refused(raw):
    with pytest.raises(ValueError, match=r".+"):
        ranking_settings(raw, KNOWN)


def test_one_light_is_enough():
    found = ranking_settings({**RAW, "lights": [light(0, "green")]}, KNOWN)
    assert found.light(0).colour == found.light(100).colour == "green"


@pytest.mark.parametrize("text", ["{", '{"score": "a", "score": "b"}', json.dumps({"score": 1})])
def test_the_file_is_named_with_its_fault(tmp_path, text):
    path = tmp_path / FILE
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"^{FILE}: .+"):
        read_rankings(path, KNOWN)
