"""Answers of Open311 in XML and JSON, both made of the same values.

A list of ``requests`` is ``[{…}, {…}]`` in JSON and ``<service_requests><request>…`` in XML (the
specification's Spark convention). What XML 1.0 cannot hold is in neither.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from werkzeug.wrappers import Response

KINDS = {"json": "application/json", "xml": "text/xml"}
"""Extension of the address → media type."""
DEFAULT = "xml"
"""The format that the specification requires: for who asks for one there is not."""

ITEMS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
"""Element of a list → that of each of its items."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def rendered(
    root: str,
    body: Any,
    extension: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A body of dicts, lists and plain values in the format of an extension; ``root``: what it is
    called in XML."""
    kind = KINDS.get(extension, KINDS[DEFAULT])
    values = cleaned(body)
    text = to_xml(root, values) if kind == KINDS["xml"] else to_json(values)
    return Response(text, status, headers, content_type=f"{kind}; charset=utf-8")


def to_json(body: Any) -> bytes:
    """JSON in UTF-8."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def to_xml(root: str, body: Any) -> bytes:
    """XML in UTF-8, with its declaration; null is an empty element."""
    element = ElementTree.Element(root)
    _fill(element, body)
    text: bytes = ElementTree.tostring(element, encoding="utf-8", xml_declaration=True)
    return text


def _fill(element: ElementTree.Element, value: Any) -> None:
    if isinstance(value, dict):
        for name, each in value.items():
            _fill(ElementTree.SubElement(element, name), each)
    elif isinstance(value, list):
        for each in value:
            _fill(ElementTree.SubElement(element, ITEMS[element.tag]), each)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = str(value)


def cleaned(value: Any) -> Any:
    """A body whose texts can be said in XML too, their lines ended by a line feed alone."""
    if isinstance(value, dict):
        return {name: cleaned(each) for name, each in value.items()}
    if isinstance(value, list):
        return [cleaned(each) for each in value]
    if isinstance(value, str):
        return _NOT_XML.sub("", value).replace("\r\n", "\n").replace("\r", "\n")
    return value
