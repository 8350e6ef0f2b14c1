"""What a request may hold at all, said in JSON Schema: characters and numbers that can be kept.

The validating schemas need not say it, for nothing else gets as far as them; the OpenAPI document
must. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from suishoupai.strict_json import INTEGERS, KEPT, KEPT_TEXT

Document = dict[str, Any]

ID = "^[0-9A-Za-z][0-9A-Za-z._~-]{0,63}$"
"""What a name in a path looks like: no id has other characters, or begins with a dot."""
ANYTHING = "Anything"
"""Name of the shape of a value that nothing else is known of."""
ANY_VALUE: Document = {
    "description": "Any value that can be kept.",
    "anyOf": [
        {"type": ["boolean", "null"]},
        {"type": "number"},
        {"type": "string", "pattern": KEPT_TEXT},
        {"type": "array", "items": {"$ref": f"#/components/schemas/{ANYTHING}"}},
        {
            "type": "object",
            "propertyNames": {"pattern": KEPT_TEXT},
            "additionalProperties": {"$ref": f"#/components/schemas/{ANYTHING}"},
        },
    ],
}
"""Its shape."""


def limit_to_kept(shape: Document, components: Document) -> None:
    """Says in a shape, and in all that it refers to, what of text and numbers can be kept."""
    for each in _shapes(shape, components, set()):
        kinds = each.get("type", ())
        if "string" in kinds and not {"enum", "const"} & set(each):
            _limit_text(each)
        if "integer" in kinds:
            each.setdefault("minimum", INTEGERS[0])
            each.setdefault("maximum", INTEGERS[1])
        if "object" in kinds and "additionalProperties" in each:
            _limit_names(each)


def _limit_text(shape: Document) -> None:
    if shape.get("format", "password") == "password" and "anyOf" not in shape:
        found = shape.get("pattern", "")
        if not found:
            shape["pattern"] = KEPT_TEXT
        elif not found.startswith("^"):  # one character that must be somewhere
            shape["pattern"] = f"^{KEPT}*{found}{KEPT}*$"


def _limit_names(shape: Document) -> None:
    if shape["additionalProperties"] is not False:
        shape["propertyNames"] = {"pattern": KEPT_TEXT}
    if shape["additionalProperties"] is True:
        shape["additionalProperties"] = {"$ref": f"#/components/schemas/{ANYTHING}"}


def _shapes(shape: Any, components: Document, seen: set[str]) -> Iterator[Document]:
    """A shape and all shapes in it, each once."""
    if isinstance(shape, list):
        for each in shape:
            yield from _shapes(each, components, seen)
    if not isinstance(shape, dict):
        return
    if name := str(shape.get("$ref", "")).rpartition("/")[2]:
        if name not in seen:
            seen.add(name)
            yield from _shapes(components[name], components, seen)
        return
    yield shape
    for inner in ("items", "additionalProperties", "anyOf", "allOf", "oneOf"):
        yield from _shapes(shape.get(inner), components, seen)
    yield from _shapes([*shape.get("properties", {}).values()], components, seen)
