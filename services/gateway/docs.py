"""The API's documentation page: Swagger UI with all its assets served from here."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from werkzeug.wrappers import Response

from suishoupai.contracts.problems import Problem

ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
START = """window.addEventListener("load", () => SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
}));
"""
PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>随手拍 API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
POLICY = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "frame-ancestors 'none'"
    ),
}
"""Looser than an answer's, for it is a page; only from here, and in nobody's frame."""


def page() -> Response:
    """The documentation page."""
    return Response(PAGE, content_type="text/html; charset=utf-8", headers=POLICY)


def asset(name: str) -> Response:
    """One file of the page; raises ``Problem`` for any other name."""
    if name == "start.js":
        return Response(START, content_type="text/javascript; charset=utf-8", headers=POLICY)
    if name not in ASSETS:
        raise Problem("not-found")
    headers = {**POLICY, "Cache-Control": "public, max-age=86400"}
    return Response(_read(name), content_type=ASSETS[name], headers=headers)


@cache
def _read(name: str) -> bytes:
    # Found without importing: the package wants Flask, of which only these files are needed.
    spec = find_spec("flask_swagger_ui")
    if spec is None or not spec.submodule_search_locations:
        raise Problem("not-found", "Swagger UI is not installed")
    return (Path(spec.submodule_search_locations[0]) / "dist" / name).read_bytes()
