"""Every question the gateway asks is answered by the service it asks, with those arguments."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def asked():
    """(service, method, names of arguments) of each ``self.peers.ask(…)`` in the gateway."""
    tree = ast.parse((ROOT / "services" / "gateway" / "service.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "ask":
            service, method, *_ = (getattr(word, "value", None) for word in node.args)
            names = {keyword.arg for keyword in node.keywords}
            yield service, method, names - {None}, None in names


def answered(service):
    """Method → the function that answers it, for one service."""
    module = importlib.import_module(f"services.{service}.service")
    (service_class,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and getattr(value, "name", None) == service
    )
    return {
        entrypoint.url.removeprefix("/rpc/"): function
        for _, function in inspect.getmembers(service_class, inspect.isfunction)
        for entrypoint in getattr(function, "nameko_entrypoints", ())
        if getattr(entrypoint, "url", "").startswith("/rpc/")
    }


QUESTIONS = list(asked())


def test_the_gateway_asks_every_service():
    services = {service for service, *_ in QUESTIONS}
    assert services == {"issues", "grid", "notify", "stats"}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question[1])
def test_a_question_fits_its_answer(question):
    service, method, names, more = question
    signature = inspect.signature(answered(service)[method].__wrapped__)
    _self, _caller, *rest = signature.parameters
    assert set(rest) == names or (more and len(rest) > len(names))


@pytest.mark.parametrize("service", ["issues", "grid", "notify", "stats"])
def test_nothing_is_answered_that_nobody_asks(service):
    asked = {question[:2] for question in QUESTIONS}
    wanted = {method for asked_of, method in asked if asked_of == service}
    assert set(answered(service)) == wanted
