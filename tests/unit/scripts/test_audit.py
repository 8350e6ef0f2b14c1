"""What an audit says: loudly, when nothing was looked at."""

import pytest

from scripts.audit.verdict import unanswered, verdict

SOUND = {"name": "sound", "version": "1.0", "vulns": []}
FAULTY = {
    "name": "faulty",
    "version": "2.0",
    "vulns": [{"id": "CVE-2026-0001", "fix_versions": ["2.1"], "aliases": [], "description": ""}],
}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found and could not be audited"}


@pytest.mark.parametrize(
    ("packages", "loose", "strict"),
    [
        ([SOUND], True, True),
        ([SOUND, UNKNOWN], True, False),
        ([UNKNOWN], True, False),
        ([], True, False),
        ([FAULTY], False, False),
        ([SOUND, FAULTY, UNKNOWN], False, False),
    ],
)
def test_only_what_was_looked_at_and_found_sound_passes(packages, loose, strict):
    assert verdict(packages, strict=False).passes is loose
    assert verdict(packages, strict=True).passes is strict


def test_a_finding_is_named_with_what_mends_it():
    assert "VULNERABLE: faulty 2.0: CVE-2026-0001 (fixed in 2.1)" in verdict([FAULTY], False).lines


def test_how_many_of_how_many_were_looked_at_is_said():
    assert "audited 1 of 2 packages, 0 findings" in verdict([SOUND, UNKNOWN], False).lines
    assert any("WARNING" in line for line in verdict([SOUND, UNKNOWN], False).lines)


@pytest.mark.parametrize("packages", [[], [UNKNOWN, UNKNOWN]])
def test_nothing_looked_at_is_not_called_sound(packages):
    assert any("NOTHING WAS AUDITED" in line for line in verdict(packages, False).lines)


def test_no_answer_is_no_good_news():
    assert "NOTHING WAS AUDITED" in unanswered("the index is away", False).lines[0]
    assert not unanswered("the index is away", True).passes
