"""Every kind of notice in both languages, and what templates may not say."""

import shutil

import pytest

from services.notify.changes import facts_of
from services.notify.tables import UnusableTable
from services.notify.texts import read_texts
from suishoupai.contracts.words import LANGUAGES, NOTICE_KINDS
from suishoupai.settings import ROOT

from .events import category, changed

SHIPPED = ROOT / "data" / "notices"
TEXTS = read_texts(SHIPPED)
CASE_KINDS = sorted(set(NOTICE_KINDS) - {"digest", "monthly_report"})
NOTHING = {
    **dict.fromkeys(("responsible", "grid", "compound", "activity", "due_at", "main")),
    **{"why": "", "address": ""},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", CASE_KINDS)
def test_every_kind_is_said_in_every_language_with_much_or_nothing_to_say(kind, language):
    words = TEXTS[language]
    full = facts_of(changed("issue.closed", urgent=True))
    bare = facts_of(changed("issue.closed", **NOTHING))
    for facts in (full, bare):
        said = f"{words.subject(kind, facts)} {words.text(kind, facts)}"
        assert "341324-20261123-00001" in said
        assert "None" not in said
        assert "{" not in said
        assert "  " not in said


def test_both_languages_have_the_same_kinds_and_chinese_ones_their_name():
    assert set(TEXTS) == {"zh", "en"}
    for words in TEXTS.values():
        assert set(words.texts) == set(words.titles) == set(NOTICE_KINDS)
    assert TEXTS["zh"].titles == NOTICE_KINDS


def test_what_a_dispatch_says():
    facts = facts_of(changed("issue.dispatched", urgent=True))
    assert TEXTS["zh"].text("dispatched", facts) == (
        "【紧急】新案件 341324-20261123-00001：暴露垃圾，甲小区人民路 3 号，"
        "请在 2026-11-23 08:00 前完成处置。"
    )
    assert TEXTS["en"].text("dispatched", facts) == (
        "URGENT: New case 341324-20261123-00001: 暴露垃圾, 甲小区人民路 3 号, "
        "handling due by 2026-11-23 08:00."
    )


def test_of_a_confidential_case_no_text_says_where_or_why():
    secret = changed("issue.closed", category=category(confidential=True), why="在人民路 3 号")
    for words in TEXTS.values():
        for kind in CASE_KINDS:
            said = words.text(kind, facts_of(secret))
            for hidden in ("人民路", "甲小区", "第一网格", "安居物业"):
                assert hidden not in said


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("案件临期 {number}", "案件临期 {nummer}"), "{nummer} is no name to fill in"),
        (("  rated:\n", "  ratted:\n"), r"notices.rated: is missing"),
        (("title: 已评价", "title: 已评价 {number}"), r"line \d+: notices.rated.title: {number}"),
        (("title: 已评价", "titel: 已评价"), r"notices.rated.title: is missing"),
        (('text: "案件 {number}（{category}）已评价。"', "text: 3"), "must be a text"),
        (("{category}）已评价", "{category.__class__}）已评价"), "category.__class__"),
        (("{category}）已评价", "{category!r}）已评价"), "is no name to fill in"),
        (("{category}）已评价", "{category:>9}）已评价"), "is no name to fill in"),
        (("{category}）已评价", "{category）已评价"), "notices.rated.text"),
        (("{category}）已评价", "{}）已评价"), "is no name to fill in"),
        (("parts:", "part:"), "parts: is missing"),
        (('between: "，"', 'between: "，"\n  among: x'), "parts.among: is unknown"),
        (("  check: 核查", "  check: [核查"), "line"),
    ],
)
def test_what_is_wrong_with_a_template_is_named_with_its_line(tmp_path, change, reason):
    folder = tmp_path / "notices"
    shutil.copytree(SHIPPED, folder)
    path = folder / "templates.zh.yaml"
    text = path.read_text(encoding="utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(UnusableTable, match=reason) as caught:
        read_texts(folder)
    assert str(caught.value).startswith("templates.zh.yaml, line ")


def test_the_line_that_is_named_is_the_line_at_fault(tmp_path):
    folder = tmp_path / "notices"
    shutil.copytree(SHIPPED, folder)
    path = folder / "templates.zh.yaml"
    text = path.read_text(encoding="utf-8").replace("（{category}）已评价", "{wo}")
    path.write_text(text, encoding="utf-8")
    line = next(n for n, each in enumerate(text.splitlines(), start=1) if "{wo}" in each)
    with pytest.raises(UnusableTable, match=f"line {line}: notices.rated.text"):
        read_texts(folder)
