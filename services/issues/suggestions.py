"""Which catalogue rows a description speaks of, and with which of its words.

Each row is the centroid of its examples and its own name: TF-IDF over single characters and pairs
of characters, every description and every centroid of length 1. A description's score for a row is
the cosine of the two. In five-fold cross-validation over the same examples that was right more
often than multinomial and complement naive Bayes over the same pieces, smoothed in several ways,
and than centroids with triples; corrections by a passive-aggressive learner gained two points of
the first suggestion, half a point of the first three, and took four times as long to train.
Nothing is asked of anybody outside, nothing is learned after the start.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ["category", "description"]
CODE = re.compile(r"\d{5}", re.ASCII)

CHARACTER, PAIR = 2.0, 1.0
"""How much a character and a pair of characters weigh; by cross-validation."""

TEMPERATURE = 0.035
"""The step of a score that makes a row e times as likely; by cross-validation (log loss)."""

TELLING = 0.35
"""The share of the strongest pair's weight from which a pair counts as one that spoke."""

PARTICLES = "了的地得着在把被给让到往有是也都就还又没不很太我你他个两几"
"""Characters that no word that is shown begins or ends with, if anything else is left of it."""

MOST_WORDS = 3
"""Words that are shown of one suggestion, the strongest."""

Piece = tuple[int, int]
"""Where a piece of a description begins and ends."""


@dataclass(frozen=True)
class Suggestion:
    """A catalogue row that a description may speak of.

    ``confidence`` is the share of likelihood among all rows, 0..1; ``words`` are the parts of the
    description that spoke most for the row, as they stand there and in their order.
    """

    category: str
    confidence: float
    words: tuple[str, ...]


class Suggester:
    """Knows examples of the catalogue rows by heart; asked, it changes nothing.

    ``examples`` are pairs of code and description, in any order; ``names`` are the rows in force,
    code → name. Examples of other rows are passed over.
    """

    def __init__(self, examples: Iterable[tuple[str, str]], names: Mapping[str, str]) -> None:
        known = sorted([*names.items(), *(each for each in examples if each[0] in names)])
        documents = [(code, set(_texts(description))) for code, description in known]
        self._categories = sorted(names)
        self._weights = _weights(documents)
        self._index = _centroids(documents, self._weights)

    def suggest(self, description: str, limit: int = 3) -> list[Suggestion]:
        """The likeliest rows, the best first, at most ``limit``; none when no piece is known."""
        pieces = _pieces(description)
        vector = _unit({text: self._weights[text] for text in pieces if text in self._weights})
        scores = dict.fromkeys(self._categories, 0.0)
        for text, weight in vector.items():
            for category, its in self._index[text].items():
                scores[category] += weight * its
        likelihoods = {code: math.exp(score / TEMPERATURE) for code, score in scores.items()}
        total = sum(likelihoods.values())
        best = sorted((-score, code) for code, score in scores.items() if score > 0)
        return [
            Suggestion(
                code, likelihoods[code] / total, self._words(description, pieces, vector, code)
            )
            for _, code in best[: max(limit, 0)]
        ]

    def _words(
        self,
        description: str,
        pieces: Mapping[str, list[Piece]],
        vector: Mapping[str, float],
        category: str,
    ) -> tuple[str, ...]:
        """The strongest parts; pairs of characters, and single ones only where no pair is known."""
        spoke = {
            text: weight * self._index[text][category]
            for text, weight in vector.items()
            if category in self._index[text]
        }
        pairs = [text for text in spoke if len(text) == 2]
        strength = {
            text: spoke[text] + sum(spoke.get(character, 0.0) for character in set(text))
            for text in pairs or spoke
        }
        enough = TELLING * max(strength.values())
        telling = [
            (piece, weight)
            for text, weight in strength.items()
            if weight >= enough
            for piece in pieces[text]
        ]
        return _strongest(description, telling)


def read_examples(path: Path, known: Container[str] | None = None) -> list[tuple[str, str]]:
    """The pairs of code and description of a CSV file in UTF-8 with the columns of ``COLUMNS``.

    Raises ``OSError``, and ``ValueError`` naming the line at fault: unknown columns, a code that
    is not five digits or not in ``known``, a blank description.
    """
    reader = csv.reader(io.StringIO(_decoded(path.read_bytes()), newline=""), strict=True)
    try:
        if (header := next(reader, [])) != COLUMNS:
            raise ValueError(
                f"line 1: the columns must be {','.join(COLUMNS)}, not {','.join(header)}"
            )
        return [_example(cells, reader.line_num, known) for cells in reader]
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from error


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line}: not UTF-8") from error


def _example(cells: list[str], line: int, known: Container[str] | None) -> tuple[str, str]:
    if len(cells) != len(COLUMNS):
        raise ValueError(f"line {line}: {len(cells)} columns instead of {len(COLUMNS)}")
    code, description = (cell.strip() for cell in cells)
    if not CODE.fullmatch(code):
        raise ValueError(f"line {line}: category: {code!r} is not a code of five digits")
    if known is not None and code not in known:
        raise ValueError(f"line {line}: category: {code} is not in the catalogue")
    if not description:
        raise ValueError(f"line {line}: description: is blank")
    return code, description


def _pieces(description: str) -> dict[str, list[Piece]]:
    """Each character and pair of characters of a description, and where it stands.

    Only letters count, wide and narrow, large and small ones as the same; anything else, a number
    too, parts what stands before it from what follows.
    """
    found: dict[str, list[Piece]] = defaultdict(list)
    before = ""
    for place, character in enumerate(description):
        letter = _letter(character)
        if letter:
            found[letter].append((place, place + 1))
        if letter and before:
            found[before + letter].append((place - 1, place + 1))
        before = letter
    return found


def _letter(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character).lower()
    return plain if len(plain) == 1 and plain.isalpha() else ""


def _texts(description: str) -> Iterator[str]:
    return iter(_pieces(description))


def _weights(documents: list[tuple[str, set[str]]]) -> dict[str, float]:
    """What each piece tells: the rarer it is, the more."""
    frequencies = Counter(text for _, texts in documents for text in texts)
    return {
        text: (CHARACTER if len(text) == 1 else PAIR)
        * (1 + math.log((len(documents) + 1) / (frequency + 1)))
        for text, frequency in frequencies.items()
    }


def _centroids(
    documents: list[tuple[str, set[str]]], weights: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """Piece → row → its share in the row's centroid."""
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for category, texts in documents:
        # In one order, so that sums do not differ by rounding from start to start.
        for text, weight in _unit({text: weights[text] for text in sorted(texts)}).items():
            sums[category][text] += weight
    index: dict[str, dict[str, float]] = defaultdict(dict)
    for category, centroid in sums.items():
        for text, weight in _unit(centroid).items():
            index[text][category] = weight
    return dict(index)


def _unit(vector: Mapping[str, float]) -> dict[str, float]:
    """The same direction with length 1; nothing stays nothing."""
    length = math.sqrt(sum(weight * weight for weight in vector.values()))
    return {text: weight / length for text, weight in vector.items()}


def _strongest(description: str, telling: list[tuple[Piece, float]]) -> tuple[str, ...]:
    """What touches is one word; each word once, the strongest of them in their order."""
    spans: list[tuple[int, int, float]] = []
    for (start, end), weight in sorted(telling):
        if spans and start <= spans[-1][1]:
            first, _, sum_so_far = spans.pop()
            spans.append((first, end, sum_so_far + weight))
        else:
            spans.append((start, end, weight))
    strength: dict[str, float] = {}
    for start, end, weight in spans:
        word = description[start:end]
        word = word.strip(PARTICLES) or word
        strength[word] = max(strength.get(word, 0.0), weight)
    chosen = sorted(strength, key=lambda word: -strength[word])[:MOST_WORDS]
    return tuple(word for word in strength if word in chosen)
