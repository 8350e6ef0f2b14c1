"""By which settings units are ranked (``data/rankings.json``), checked once. Pure functions.

The score that is taken when none is named, how many cases a unit needs to be ranked, to how many
decimals scores are told apart, and from which score on which light is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from services.stats import definitions
from services.stats.county_files import read_checked, shaped
from services.stats.indicators import Indicators
from services.stats.ranking_shapes import RankingFile
from suishoupai.settings import read_settings

FILE = "rankings.json"
"""In the folder of a county's data."""

SHAPE = RankingFile()


@dataclass(frozen=True)
class Light:
    """What is shown of the scores from ``since`` on, up to the next light."""

    since: float
    colour: str
    """One of ``words.LIGHTS``."""
    word: Mapping[str, str]
    """In zh and en: a colour never stands alone."""

    def to_dict(self) -> dict[str, Any]:
        """As it is answered beside a score."""
        return {"colour": self.colour, "word": dict(self.word)}


@dataclass(frozen=True)
class RankingSettings:
    """How units are ranked."""

    score: str
    """Id of the score that is taken when none is named."""
    at_least: int
    """Cases that a unit needs to be ranked, in the smallest denominator of its score."""
    decimals: int
    """Scores that are equal when rounded to these are equal."""
    lights: Sequence[Light]
    """From the highest threshold down to 0."""

    def light(self, score: float) -> Light:
        """The light of a score from 0 to 100."""
        return next(light for light in self.lights if light.since <= score)

    def to_dict(self) -> dict[str, Any]:
        """As it is answered."""
        return {
            "at_least": self.at_least,
            "decimals": self.decimals,
            "lights": [{"from": light.since, **light.to_dict()} for light in self.lights],
        }


@cache
def current() -> RankingSettings:
    """The settings of this process, from the county's folder; raises ``ValueError`` naming what is
    wrong in them."""
    return read_rankings(read_settings().county / FILE, definitions.current())


def read_rankings(path: Path, known: Indicators) -> RankingSettings:
    """The settings of a file; raises ``ValueError`` naming the file and what is wrong in it."""
    return read_checked(path, lambda raw: ranking_settings(raw, known))


def ranking_settings(raw: Any, known: Indicators) -> RankingSettings:
    """The settings as they are written; raises ``ValueError`` naming what is wrong and where.

    ``known``: the indicators whose scores may be named.
    """
    written = shaped(SHAPE, raw)
    scores = [score.id for score in known.scores_in_force(date.max)]
    if written["score"] not in scores:
        raise ValueError(f"score: no score {written['score']!r}; there are {', '.join(scores)}")
    lights = [Light(row["from_"], row["colour"], row["word"]) for row in written["lights"]]
    _require_lights(lights)
    return RankingSettings(
        written["score"], written["at_least"], written["decimals"], tuple(lights)
    )


def _require_lights(lights: Sequence[Light]) -> None:
    for number, (higher, lower) in enumerate(pairwise(lights), 1):
        if lower.since >= higher.since:
            raise ValueError(f"lights[{number}].from: must be below that of the light before it")
    if lights[-1].since != 0:
        raise ValueError("lights: the last one must be from 0 on, so that every score has one")
    if len({light.colour for light in lights}) < len(lights):
        raise ValueError("lights: a colour stands there twice")
