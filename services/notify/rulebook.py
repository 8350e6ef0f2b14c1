"""Everything notify works by, read and checked once when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.notify.channels import WELL_KNOWN, Channels, read_channels
from services.notify.quiet import Quiet, read_quiet
from services.notify.rules import Rules, read_rules, table_text
from services.notify.texts import Texts, read_texts
from suishoupai.settings import ROOT, Settings

DEFAULT_LANGUAGE = "zh"


@dataclass(frozen=True)
class Rulebook:
    """Who hears of what, in which words, by which channels, and when not."""

    table: str
    """The rule table as it is written, to be kept with the time from which it held."""
    rules: Rules
    texts: Texts
    channels: Channels
    quiet: Quiet | None
    """For accounts that say nothing of their own."""
    private_webhooks: bool


def folder_of(county: Path) -> Path:
    """The folder of the rule table and the texts: the county's own, or the one that is shipped."""
    own = county / "notices"
    return own if own.is_dir() else ROOT / "data" / "notices"


def read_rulebook(settings: Settings) -> Rulebook:
    """The rulebook by the settings.

    Raises ``UnusableTable`` or ``ValueError`` with what is at fault: a service does not start by
    half a rule.
    """
    folder, channels = folder_of(settings.county), read_channels(settings.channels)
    return Rulebook(
        table=table_text(folder / "rules.csv"),
        rules=read_rules(folder / "rules.csv", {*WELL_KNOWN, *channels}),
        texts=read_texts(folder),
        channels=channels,
        quiet=read_quiet(settings.quiet),
        private_webhooks=settings.private_webhooks,
    )
