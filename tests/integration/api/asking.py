"""Asks one operation about one case, and says in the table's words what came of it."""

import io
import json
import re
import time
import zipfile
from urllib.parse import quote, urlencode

import urllib3

from . import recipes_people, recipes_reports, recipes_things
from .recipes import ask

READING = ("GET", "HEAD", "OPTIONS")
ROOMS = (recipes_people, recipes_reports, recipes_things)
"""Reading them makes their recipes known."""
LONGEST_STREAM = 20.0
MOST_PAGES = 50


def observe(scene, operation, caller, kind, given=None):
    """``sees`` when a good answer names the case (or what else is asked about), else the status.

    ``given``: what is sent, where that was prepared before.
    """
    target = scene.target(caller, kind)
    given = given or ask(operation, scene, target, caller)
    status, text = send(scene, operation, given, scene.callers.headers(caller))
    if given.single and status == 200:
        [item] = json.loads(text)["items"]
        status, text = item["status"], json.dumps(item.get("case"))
    if given.ends and status < 300:
        scene.callers.renew(caller)
    names = (given.names,) if given.names else (target.id, target.number)
    named = any(name in text for name in names)
    return "sees" if status < 300 and named else str(status)


def send(scene, operation, given, credentials):
    """The status and the text of an answer: of all pages of a list, of all parts of a workbook."""
    status, text = _once(scene, operation, given, credentials, given.query)
    pages, cursor = [text], _next(status, text)
    while cursor and len(pages) < MOST_PAGES:
        query = {**given.query, "cursor": cursor}
        status, text = _once(scene, operation, given, credentials, query)
        pages.append(text)
        cursor = _next(status, text)
    return status, "\n".join(pages)


def address(scene, operation, given, query):
    """The address of an operation with its path and query filled in."""
    path = re.sub(r"<(\w+)>", lambda name: quote(given.path[name[1]], safe=""), operation.path)
    return scene.world.stack.url + path + (f"?{urlencode(query)}" if query else "")


def _once(scene, operation, given, credentials, query):
    streamed = "text/event-stream" in operation.produces
    body = given.data if given.json is None else json.dumps(given.json).encode()
    kind = {} if given.json is None else {"Content-Type": "application/json"}
    response = scene.world.pool.request(
        operation.method,
        address(scene, operation, given, query),
        body=body,
        headers={**credentials, **kind, **given.headers},
        retries=False,
        redirect=False,
        preload_content=not streamed,
        timeout=urllib3.Timeout(connect=5, read=30),
    )
    told = streamed and response.status == 200
    content = _listened(response, given.until) if told else response.data
    return response.status, _text(content, response.headers.get("Content-Type", ""))


def _listened(response, until):
    """What a stream says up to the event of a number, which everybody who listens is told."""
    heard, deadline = b"", time.monotonic() + LONGEST_STREAM
    try:
        # Not stream(): it would wait for a whole kilobyte, and lose what came short of one.
        while (part := response.read1()) and time.monotonic() < deadline:
            heard += part
            if any(int(number) >= until for number in re.findall(rb"^id: (\d+)$", heard, re.M)):
                return heard
    finally:
        response.close()
    raise AssertionError(f"event {until} was not told: {heard[-500:]!r}")


def _text(content, kind):
    if content[:2] == b"PK" and "spreadsheet" in kind:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b"\n".join(book.read(name) for name in book.namelist())
    return content.decode("utf-8", "replace")


def _next(status, text):
    if status != 200 or not text.startswith("{"):
        return None
    return json.loads(text).get("next")
