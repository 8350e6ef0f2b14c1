"""Every question the gateway asks is answered by the service it asks, with those arguments."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


GATEWAY = ROOT / "services" / "gateway"


def calls(path, name):
    """Every call of a function or method of that name in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            if name in (getattr(called, "attr", ""), getattr(called, "id", "")):
                yield node


def asked_in_words():
    """(service, method, names of arguments, whether there are more) of each ``peers.ask(…)``
    and ``ask_case(…)``."""
    for path in sorted(GATEWAY.rglob("*.py")):
        for node in calls(path, "ask"):
            words = [getattr(word, "value", None) for word in node.args[:2]]
            if len(words) == 2 and None not in words:
                service, method = words
                names = {keyword.arg for keyword in node.keywords}
                yield service, method, names - {None}, None in names
        for node in calls(path, "ask_case"):
            names = {keyword.arg for keyword in node.keywords}
            yield "issues", node.args[2].value, names - {None}, None in names


def asked_by_table():
    """The same of each ``route(operation, asked(service, method))``."""
    gateway = importlib.import_module("services.gateway.service")
    for node in calls(GATEWAY / "service.py", "route"):
        operation, handler = node.args
        if isinstance(handler, ast.Call) and handler.func.id == "conditional":
            (handler,) = handler.args
        if not (isinstance(handler, ast.Call) and handler.func.id == "asked"):
            continue
        service, method = (word.value for word in handler.args)
        row = getattr(getattr(gateway, operation.value.id), operation.attr)
        names = set(re.findall(r"<(\w+)>", row.path))
        names |= {"filters"} if row.query else set()
        names |= {"body"} if row.body else set()
        yield service, method, names, False


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


QUESTIONS = [*asked_in_words(), *asked_by_table()]


def test_the_gateway_asks_every_service():
    services = {service for service, *_ in QUESTIONS}
    assert services == {"issues", "grid", "notify", "stats"}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question[1])
def test_a_question_fits_its_answer(question):
    service, method, names, more = question
    signature = inspect.signature(answered(service)[method].__wrapped__)
    _self, _caller, *rest = signature.parameters.values()
    known = {each.name for each in rest}
    needed = {each.name for each in rest if each.default is inspect.Parameter.empty}
    assert names <= known
    assert needed <= names or (more and len(rest) > len(names))


@pytest.mark.parametrize("service", ["issues", "grid", "notify", "stats"])
def test_nothing_is_answered_that_nobody_asks(service):
    asked = {question[:2] for question in QUESTIONS}
    wanted = {method for asked_of, method in asked if asked_of == service}
    assert set(answered(service)) == wanted
