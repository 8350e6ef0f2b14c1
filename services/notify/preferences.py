"""What an account chose: language, channels with their addresses, kinds, quiet hours. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.notify.channels import checked_address
from services.notify.quiet import Quiet, read_quiet
from services.notify.rulebook import DEFAULT_LANGUAGE, Rulebook
from services.notify.tables import one_of
from suishoupai.contracts.problems import invalid_fields
from suishoupai.masking import mask_address

Document = dict[str, Any]
Faults = dict[str, dict[str, list[str]]]


def chosen(given: Document, kept: Document | None, book: Rulebook) -> Document:
    """The choices to be kept, from what an account sent in shape.

    An address that is left out, or sent as it was shown (masked), stays what it was. Raises
    ``Problem`` naming every field that does not fit.
    """
    before = kept["channels"] if kept else {}
    channels, faults = {}, {}
    for name, choice in given["channels"].items():
        try:
            address = _address(name, choice["address"], before.get(name), book)
        except ValueError as error:
            faults[name] = {"address": [str(error)]}
        else:
            channels[name] = {
                "address": address,
                "enabled": choice["enabled"],
                "off": sorted(set(choice["off"])),
            }
    if faults:
        raise invalid_fields({"channels": faults})
    return {
        "language": given["language"],
        "channels": channels,
        "quiet": _quiet(given, book),
    }


def _address(name: str, text: str | None, kept: Document | None, book: Rulebook) -> str:
    if name not in book.channels:
        raise ValueError(f"there is no such channel, {one_of(book.channels)}")
    if kept and (text is None or text == mask_address(kept["address"])):
        return str(kept["address"])
    if text is None:
        raise ValueError("is missing")
    return checked_address(book.channels[name], text, book.private_webhooks)


def _quiet(given: Document, book: Rulebook) -> str:
    if "quiet" not in given:
        return str(book.quiet or "")
    span = given["quiet"]
    return f"{span['from_']}-{span['to']}" if span else ""


def language_of(person: Document | None) -> str:
    """The language an account reads in."""
    return str(person["choices"]["language"]) if has_chosen(person) and person else DEFAULT_LANGUAGE


def has_chosen(person: Document | None) -> bool:
    """Whether an account ever said anything of its own."""
    return bool(person and person.get("choices"))


def quiet_of(choices: Document) -> Quiet | None:
    """The quiet hours of an account."""
    return read_quiet(choices["quiet"])


def address_for(choices: Document | None, channel: str, kind: str) -> str | None:
    """Where an account wants a kind of notice by a channel; None when it does not."""
    choice: Mapping[str, Any] | None = choices["channels"].get(channel) if choices else None
    if choice is None or not choice["enabled"] or kind in choice["off"]:
        return None
    return str(choice["address"])


def shown_choices(person: Document | None, book: Rulebook) -> Document:
    """The choices as their account sees them: addresses masked, the channels there are beside."""
    choices = (person or {}).get("choices") or {
        "language": DEFAULT_LANGUAGE,
        "channels": {},
        "quiet": str(book.quiet or ""),
    }
    begins, _, ends = choices["quiet"].partition("-")
    return {
        "language": choices["language"],
        "channels": {
            name: {**choice, "address": mask_address(choice["address"])}
            for name, choice in choices["channels"].items()
            if name in book.channels
        },
        "quiet": {"from": begins, "to": ends} if ends else None,
        "available": [
            {"channel": each.name, "address": each.address} for each in book.channels.values()
        ],
    }
