import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.issues.danger import read_danger

from ....conftest import ROOT

DANGER = read_danger(ROOT / "data" / "danger.json")
PLAIN = {"emergency": []}


def numbers(description, category=PLAIN):
    return [each["number"] for each in DANGER.emergency(description, category)]


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("三楼着火了快来", ["119"]),
        ("楼道里有很浓的煤气味", ["119"]),
        ("围墙塌了，有人受伤", ["119", "120"]),
        ("两个人拿刀打架", ["110"]),
        ("老人掉河里了", ["119", "120"]),
        ("单元门口垃圾成堆", []),
        ("灭火器过期了", []),
        ("楼道的火灾报警器坏了", []),
        ("灭火器旁边着火了", ["119"]),
        ("", []),
    ],
)
def test_danger_to_life_shows_whom_to_call(description, expected):
    assert numbers(description) == expected


def test_a_category_can_be_dangerous_by_itself():
    assert numbers("线掉下来了", {"emergency": ["119"]}) == ["119"]
    assert numbers("有人触电", {"emergency": ["119"]}) == ["119", "120"]


CALLS = [(number, word) for number, words in DANGER.words.items() for word in words]


@given(st.text(), st.sampled_from(CALLS), st.text())
def test_a_dangerous_word_is_heard_wherever_it_stands(before, call, after):
    number, word = call
    text = before + word + after
    if not any(phrase in text for phrase in DANGER.harmless):
        assert number in numbers(text)


def test_each_number_says_whom_it_reaches():
    (found,) = DANGER.emergency("着火", PLAIN)
    assert found == {"number": "119", "name": "火警"}


def test_a_word_for_a_number_nobody_knows_is_refused(tmp_path):
    path = tmp_path / "danger.json"
    path.write_text(
        json.dumps({"numbers": {"119": "火警"}, "words": {"911": ["x"]}, "harmless": []})
    )
    with pytest.raises(ValueError, match="911"):
        read_danger(path)
