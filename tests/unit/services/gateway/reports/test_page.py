"""The page: well formed, complete in itself, with every number of the report and no more script."""

import base64
import hashlib
import re
from html import unescape
from html.parser import HTMLParser

import pytest

from services.gateway.reports.page import page
from services.gateway.reports.style import POLICY, STYLE
from services.gateway.reports.wording import count, score, share

from .answers import CATEGORIES, NAMES, PARTIES, report

REPORT = report()
PAGE = page(REPORT)
EMPTY_TAGS = {"br", "meta", "rect", "polyline", "path"}


class Reading(HTMLParser):
    """What a page consists of."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.texts = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in EMPTY_TAGS:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.texts.append(data)


READ = Reading()
READ.feed(PAGE)


def test_it_is_well_formed_and_complete_in_itself():
    assert READ.open == []
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(READ.tags)
    names = {name for name, _ in READ.attributes}
    assert not [name for name in names if name.startswith("on")]
    assert not {"style", "src", "href"} & names
    assert "url(" not in STYLE and "@import" not in STYLE
    assert re.search(r"@page \{ size: A4;", STYLE)


def test_its_policy_lets_its_style_and_nothing_else_work():
    (inside,) = re.findall(r"<style>(.*?)</style>", PAGE, re.S)
    digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
    assert (f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'") == POLICY


def test_every_number_is_on_it():
    said = set(READ.texts)
    for each in REPORT["indicators"]:
        assert {
            each["name"],
            count(each["numerator"]),
            count(each["denominator"]),
            share(each["value"]),
            share(each["previous"]["value"]),
        } <= said
    for each in REPORT["counts"]:
        assert {each["name"], count(each["value"]), "环比 ↓ 20.0%", "同比 –"} <= said
    for each in REPORT["scores"]:
        assert score(each["value"]) in said
    for row in REPORT["days"]["rows"]:
        assert {row["day"], *map(count, row["counts"])} <= said
    for stage in REPORT["stages"]:
        assert f"{count(stage['cases'])}　{share(stage['of_first'])}" in said
    for row in (*REPORT["children"]["rows"], *REPORT["parties"]["rows"]):
        for each in row["indicators"]:
            made_of = f"{count(each['numerator'])}/{count(each['denominator'])}"
            assert f"{share(each['value'])}<br>{made_of}</td>" in PAGE
    for each in REPORT["formulas"]:
        assert {each["name"], f"v{each['version']}", each["source"]} <= said


def test_every_text_is_a_text():
    assert "<script" not in PAGE
    for name in (*CATEGORIES.values(), *PARTIES.values(), NAMES["341324102"]):
        assert name in READ.texts
        assert name in unescape(PAGE)


@pytest.mark.parametrize("name", ["title"])
def test_a_title_cannot_leave_its_place(name):
    assert "</title><script>" not in page({**REPORT, name: "</title><script>alert(1)</script>"})


def test_lines_are_as_long_as_the_month():
    (points, *_) = re.findall(r'points="([^"]+)"', PAGE)
    assert len(points.split()) == 31
    assert len(re.findall("<polyline", PAGE)) == 3
