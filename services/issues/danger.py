"""Danger to life: what a report says or is about, and the numbers to call first (DOMAIN: life of a
case). Words and numbers are data, ``danger.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Danger:
    """Which words call for which number, what a number is, and what takes a word's meaning away."""

    numbers: Mapping[str, str]
    """Number → whom it reaches, in the order in which they are shown."""
    words: Mapping[str, Sequence[str]]
    """Number → the words that call for it; a word may call for several."""
    harmless: Sequence[str]
    """Longer words that hold one of them and mean no danger, such as 灭火器."""

    def emergency(self, description: str, category: Document) -> list[Document]:
        """The numbers to call for a report, {number, name} each; empty where nobody is in danger.

        Rather once too often: a word is a word, also in a sentence that denies it.
        """
        text = description
        for phrase in self.harmless:
            text = text.replace(phrase, "")
        called = set(category.get("emergency", ()))
        called |= {
            number for number, words in self.words.items() if any(word in text for word in words)
        }
        return [
            {"number": number, "name": name}
            for number, name in self.numbers.items()
            if number in called
        ]


def read_danger(path: Path) -> Danger:
    """The words and numbers of a county; raises ``ValueError`` for a number without a name."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    unknown = sorted(set(raw["words"]) - set(raw["numbers"]))
    if unknown:
        raise ValueError(f"{path.name}: no name for {', '.join(unknown)}")
    return Danger(raw["numbers"], raw["words"], raw["harmless"])
