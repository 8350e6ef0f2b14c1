"""What an answer tells of a refusal: problem details, or the errors of Open311 as if they were."""

import json
import re
from xml.etree import ElementTree

NAMED = re.compile("([a-z_, ]+): ")
"""A parameter at fault, before what is wrong with it."""


def told(response):
    """The problem details in an answer; nothing where it holds none."""
    kind = response.headers.get("content-type", [""])[0].partition(";")[0]
    try:
        if kind == "text/xml":
            return _errors(
                [
                    each.text or ""
                    for each in ElementTree.fromstring(  # noqa: S314 - our own answer
                        response.content
                    ).iter("description")
                ],
                response,
            )
        found = json.loads(response.content or b"null")
    except (ValueError, ElementTree.ParseError):
        return {}
    if isinstance(found, list):
        return _errors(
            [str(each.get("description")) for each in found if isinstance(each, dict)], response
        )
    return found if isinstance(found, dict) else {}


def _errors(descriptions, response):
    named = [NAMED.match(each) for each in descriptions]
    fields = [{"field": each[1]} for each in named if each]
    return {"status": response.status_code, "detail": " ".join(descriptions), "errors": fields}
