"""``words accuracy | suggest``: how well a description is turned into a category, and why so."""

from __future__ import annotations

import importlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from suishoupai.cli.options import console, errors
from suishoupai.contracts.problems import Problem
from suishoupai.settings import read_settings

app = typer.Typer(help="Categories suggested from a description.", no_args_is_help=True)

Example = tuple[str, str]
"""Code and description."""

FOLDS = 5
CONFUSIONS = 10
"""Most confusions that are shown."""


@dataclass
class Tally:
    """How often the right category came first, and among the first three."""

    asked: int = 0
    first: int = 0
    among: int = 0
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(right, what came first instead, or "" for nothing) → how often."""

    def note(self, right: str, suggested: Sequence[str]) -> None:
        """Counts one description."""
        self.asked += 1
        self.first += suggested[:1] == [right]
        self.among += right in suggested
        if suggested[:1] != [right]:
            self.confusions[right, suggested[0] if suggested else ""] += 1


@dataclass(frozen=True)
class Catalogue:
    """Names of the county's catalogue rows and of their major classes, by code."""

    names: dict[str, str]
    majors: dict[str, str]


@app.command()
def accuracy(
    heldout: Annotated[
        Path | None,
        typer.Option(
            "--heldout", help="category,description; else words/heldout.csv of the county."
        ),
    ] = None,
    cross_validation: Annotated[
        bool,
        typer.Option("--cross-validation", help="Five-fold on the training examples instead."),
    ] = False,
) -> None:
    """Measure the suggestions on descriptions they were not made from."""
    words = read_settings().county / "words"
    catalogue = _catalogue()
    training = _examples(words / "training.csv", catalogue)
    if cross_validation:
        rounds = list(_folds(training))
    else:
        rounds = [(training, _examples(heldout or words / "heldout.csv", catalogue))]
    console.print(f"{len(training)} examples, {sum(len(asked) for _, asked in rounds)} asked")
    _show(_tallies(rounds, catalogue), catalogue)


@app.command()
def suggest(description: str) -> None:
    """Show the three likeliest categories of a description, with the words that spoke for them."""
    catalogue = _catalogue()
    training = _examples(read_settings().county / "words" / "training.csv", catalogue)
    suggestions = _room("suggestions").Suggester(training, catalogue.names).suggest(description)
    if not suggestions:
        console.print("no word of it is known")
        return
    table = Table("category", "", "confidence", "words")
    for each in suggestions:
        name, words = Text(catalogue.names[each.category]), Text(" · ".join(each.words))
        table.add_row(each.category, name, f"{each.confidence:.0%}", words)
    console.print(table)


def _room(name: str) -> Any:
    return importlib.import_module(f"services.issues.{name}")


def _catalogue() -> Catalogue:
    path = read_settings().county / "catalogue.csv"
    with _told(path):
        rows = _room("seed").read_catalogue(path)
    return Catalogue(
        {row["code"]: row["name"] for row in rows},
        {row["code"]: row["major_name"] for row in rows},
    )


def _examples(path: Path, catalogue: Catalogue) -> list[Example]:
    """The examples of a file; one without any is refused, too."""
    with _told(path):
        found: list[Example] = _room("suggestions").read_examples(path, catalogue.names)
        if not found:
            raise ValueError("there is no description in it")
    return found


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Leaves with 2, and says why, when a file cannot be used."""
    try:
        yield
    except (OSError, ValueError, Problem) as error:
        why = getattr(error, "strerror", None) or str(error)
        errors.print(Text(f"{path}: {why}", "red"), soft_wrap=True)
        raise typer.Exit(2) from error


def _folds(examples: Sequence[Example]) -> Iterator[tuple[list[Example], list[Example]]]:
    """Each fold's examples to learn from and to ask; every category is spread over all folds."""
    by_category: dict[str, list[Example]] = defaultdict(list)
    for example in sorted(set(examples)):
        by_category[example[0]].append(example)
    order = random.Random(1)  # noqa: S311 - the same folds each time, no secret
    fold: dict[Example, int] = {}
    for its in by_category.values():
        order.shuffle(its)
        fold.update((example, place % FOLDS) for place, example in enumerate(its))
    for number in range(FOLDS):
        learnt = [example for example in fold if fold[example] != number]
        yield learnt, [example for example in fold if fold[example] == number]


def _tallies(
    rounds: Sequence[tuple[list[Example], list[Example]]], catalogue: Catalogue
) -> dict[str, Tally]:
    """A tally of each major class in the catalogue's order, and of all, the last."""
    majors = {name: Tally() for name in catalogue.majors.values()}
    overall = Tally()
    for learnt, asked in rounds:
        suggester = _room("suggestions").Suggester(learnt, catalogue.names)
        for right, description in asked:
            suggested = [each.category for each in suggester.suggest(description)]
            majors[catalogue.majors[right]].note(right, suggested)
            overall.note(right, suggested)
    return {**{name: tally for name, tally in majors.items() if tally.asked}, "全部 all": overall}


def _show(tallies: dict[str, Tally], catalogue: Catalogue) -> None:
    table = Table("", "descriptions", "first", "among three")
    for name, tally in tallies.items():
        shares = (f"{right / tally.asked:.1%}" for right in (tally.first, tally.among))
        table.add_row(Text(name), str(tally.asked), *shares)
    console.print(table)
    confusions = Table("times", "right", "came first", title="worst confusions")
    worst = sorted(tallies["全部 all"].confusions.items(), key=lambda pair: (-pair[1], pair[0]))
    for codes, times in worst[:CONFUSIONS]:
        told = (f"{code} {catalogue.names[code]}" if code else "nothing" for code in codes)
        confusions.add_row(str(times), *map(Text, told))
    if worst:
        console.print(confusions)
