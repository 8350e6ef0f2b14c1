"""Which catalogue rows a description speaks of, and with which of its words.

Each row starts as the centroid of its examples and its own name: TF-IDF over single characters and
pairs of characters, every description and every centroid of length 1; a score is a dot product.
Where a row scores too near to an example of another, both are moved apart (passive-aggressive, one
pass, averaged). In five-fold cross-validation over the training examples that named the right row
first more often than centroids alone (by 5 of 100) and than naive Bayes, multinomial and
complement. Triples of characters gained nothing; a second pass gains 1 of 100 and takes as long
again. Nobody outside is asked, and nothing is learned after the start.
"""

from __future__ import annotations

import csv
import io
import math
import random
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ["category", "description"]
CODE = re.compile(r"\d{5}", re.ASCII)

CHARACTER, PAIR = 1.5, 1.0
"""How much a character and a pair of characters weigh; by cross-validation."""

TEMPERATURE = 0.035
"""The step of a score that makes a row e times as likely; by cross-validation (log loss)."""

MARGIN, STEP = 0.3, 0.3
"""By how much an example's own row shall lead, and by how much one example moves a row at most."""

TELLING = 0.35
"""The share of the strongest pair's weight from which a pair counts as one that spoke."""

GLUED, ENOUGH = 0.5, 3
"""The share of a character's examples in which its neighbour is the same, from which the two are
shown together; and how many examples that must be at least."""

REACH = 2
"""Characters by which a piece grows at most, at each end."""

PARTICLES = "了的地得着在把被给让到往有是也都就还又没不很太我你他个两几"
"""Characters that no word that is shown begins or ends with, if anything else is left of it."""

MOST_WORDS = 3
"""Words that are shown of one suggestion, the strongest."""

Piece = tuple[int, int]
"""Where a piece of a description begins and ends."""

Vector = dict[str, float]
"""Piece → its share."""

Index = dict[str, dict[int, float]]
"""Piece → place of a row → what the piece says for the row."""


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
        documents = [(code, set(_pieces(description))) for code, description in known]
        self._frequencies = Counter(text for _, texts in documents for text in texts)
        self._weights = _weights(self._frequencies, len(documents))
        self._categories = sorted(names)
        places = {code: place for place, code in enumerate(self._categories)}
        vectors = [(places[code], self._vector(texts)) for code, texts in documents]
        self._index = _centroids(vectors)
        _move_apart(self._index, len(places), vectors)

    def suggest(self, description: str, limit: int = 3) -> list[Suggestion]:
        """The likeliest rows, the best first, at most ``limit``; none when no piece is known."""
        pieces = _pieces(description)
        vector = self._vector(pieces)
        scores = _scores(self._index, len(self._categories), vector)
        likelihoods = [math.exp(score / TEMPERATURE) for score in scores]
        total = sum(likelihoods)
        best = sorted(range(len(scores)), key=lambda row: (-scores[row], row))
        return [
            Suggestion(
                self._categories[row],
                likelihoods[row] / total,
                self._words(description, pieces, vector, row),
            )
            for row in best[: max(limit, 0)]
            if scores[row] > 0
        ]

    def _vector(self, texts: Iterable[str]) -> Vector:
        # In one order, so that sums do not differ by rounding from start to start.
        return _unit({text: self._weights[text] for text in sorted(texts) if text in self._weights})

    def _words(
        self,
        description: str,
        pieces: Mapping[str, list[Piece]],
        vector: Vector,
        row: int,
    ) -> tuple[str, ...]:
        """The strongest parts; pairs of characters, and single ones only where no pair is known."""
        spoke = {
            text: weight * its
            for text, weight in vector.items()
            if (its := self._index[text].get(row, 0.0)) > 0
        }
        pairs = [text for text in spoke if len(text) == 2]
        strength = {
            text: spoke[text] + sum(spoke.get(character, 0.0) for character in set(text))
            for text in pairs or spoke
        }
        enough = TELLING * max(strength.values())
        telling = [
            (self._whole(description, *piece), weight)
            for text, weight in strength.items()
            if weight >= enough
            for piece in pieces[text]
        ]
        return _strongest(description, telling)

    def _whole(self, description: str, start: int, end: int) -> Piece:
        """A piece with the characters that mostly stand beside its outer ones."""
        for _ in range(REACH):
            end += self._glued(description[end - 1 : end], description[end - 1 : end + 1])
            before = max(start - 1, 0)
            start -= self._glued(description[start : start + 1], description[before : start + 1])
        return start, end

    def _glued(self, character: str, pair: str) -> bool:
        letters = "".join(_letters(pair))
        together = self._frequencies[letters] if len(letters) == 2 else 0
        alone = self._frequencies["".join(_letters(character))]
        return together >= max(GLUED * alone, ENOUGH)


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

    Only letters count; anything else, a number too, parts what stands before from what follows.
    """
    found: dict[str, list[Piece]] = defaultdict(list)
    before = ""
    for place, letter in enumerate(_letters(description)):
        if letter:
            found[letter].append((place, place + 1))
        if letter and before:
            found[before + letter].append((place - 1, place + 1))
        before = letter
    return found


def _letters(description: str) -> Iterator[str]:
    """What each character is as a letter, wide and narrow, large and small as the same; else ""."""
    for character in description:
        plain = unicodedata.normalize("NFKC", character).lower()
        yield plain if len(plain) == 1 and plain.isalpha() else ""


def _weights(frequencies: Mapping[str, int], documents: int) -> dict[str, float]:
    """What each piece tells: the fewer documents it is in, the more."""
    return {
        text: (CHARACTER if len(text) == 1 else PAIR)
        * (1 + math.log((documents + 1) / (frequency + 1)))
        for text, frequency in frequencies.items()
    }


def _unit(vector: Vector) -> Vector:
    """The same direction with length 1; nothing stays nothing."""
    length = math.sqrt(sum(weight * weight for weight in vector.values()))
    return {text: weight / length for text, weight in vector.items()}


def _centroids(vectors: Iterable[tuple[int, Vector]]) -> Index:
    sums: dict[int, Vector] = defaultdict(lambda: defaultdict(float))
    for row, vector in vectors:
        for text, weight in vector.items():
            sums[row][text] += weight
    index: Index = defaultdict(dict)
    for row, centroid in sums.items():
        for text, weight in _unit(centroid).items():
            index[text][row] = weight
    return index


def _scores(index: Index, rows: int, vector: Vector) -> list[float]:
    """The score of each row, in their order."""
    scores = [0.0] * rows
    for text, weight in vector.items():
        for row, its in index[text].items():
            scores[row] += weight * its
    return scores


def _move_apart(index: Index, rows: int, vectors: Sequence[tuple[int, Vector]]) -> None:
    """Moves each example's row towards it and the nearest other row away, where it leads by less
    than the margin; what stays is the mean of all states on the way."""
    order = random.Random(0)  # noqa: S311 - the same order at every start, no secret
    early: Index = defaultdict(lambda: defaultdict(float))
    for place, (own, vector) in enumerate(order.sample(vectors, len(vectors))):
        scores = _scores(index, rows, vector)
        led, scores[own] = scores[own], -math.inf
        highest = max(scores)
        step = min(STEP, (MARGIN - led + highest) / 2)
        if step <= 0:
            continue
        for row, change in ((own, step), (scores.index(highest), -step)):
            for text, weight in vector.items():
                index[text][row] = index[text].get(row, 0.0) + change * weight
                early[text][row] += change * weight * place / len(vectors)
    for text, changes in early.items():
        for row, change in changes.items():
            index[text][row] -= change


def _strongest(description: str, telling: list[tuple[Piece, float]]) -> tuple[str, ...]:
    """What touches is one word; each word once, the strongest of them in their order."""
    spans: list[tuple[int, int, float]] = []
    for (start, end), weight in sorted(telling):
        if spans and start <= spans[-1][1]:
            first, last, before = spans.pop()
            spans.append((first, max(last, end), before + weight))
        else:
            spans.append((start, end, weight))
    strength: dict[str, float] = {}
    for start, end, weight in spans:
        word = description[start:end]
        word = word.strip(PARTICLES) or word
        strength[word] = max(strength.get(word, 0.0), weight)
    chosen = sorted(strength, key=lambda word: -strength[word])[:MOST_WORDS]
    return tuple(word for word in strength if word in chosen)
