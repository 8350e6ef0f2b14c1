"""Making webhooks, changing them, trying them out, and sending again what failed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.audit.handlers import record
from services.gateway.routes import Gateway
from services.gateway.webhooks import signing
from services.gateway.webhooks.messages import new_delivery, of_test, shown_delivery
from services.gateway.webhooks.schemas import (
    NewWebhook,
    WebhookChange,
    WebhookDeliveryFilter,
    WebhookReplay,
)
from services.gateway.webhooks.store import NEW, RECOVERED
from suishoupai import clock
from suishoupai.access import reach, sees_division, within
from suishoupai.clock import EPOCH
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import Page, load
from suishoupai.divisions import ancestry
from suishoupai.ids import new_id
from suishoupai.outward import NotPosted, addresses_of, names_private, plain_host, web_address
from suishoupai.web import answer

Document = dict[str, Any]

NEW_WEBHOOK, WEBHOOK_CHANGE, PAGE = NewWebhook(), WebhookChange(), Page()
DELIVERY_FILTER, REPLAY = WebhookDeliveryFilter(), WebhookReplay()
MOST = 10
"""Webhooks of one owner."""
MOST_REPLAYED = 1000
"""Deliveries that are sent again at once."""
BY_HAND = "switched off by hand"


def make_webhook(gateway: Gateway, call: Call) -> Response:
    """Makes a webhook and shows its secret."""
    given, at = load(NEW_WEBHOOK, call.body), clock.now()
    secret = signing.new_secret()
    webhook = {
        "_id": new_id(at),
        "owner": call.caller.account,
        "types": given["types"],
        "description": given["description"],
        **_divided(call, given["division"] or call.caller.division),
        **_addressed(gateway, given["url"]),
        "secrets": [{"secret": secret, "until": None}],
        "created_at": at,
        **NEW,
    }
    if not gateway.store.webhooks.insert(webhook, MOST):
        raise invalid("webhooks", f"at most {MOST}: delete one first")
    record(gateway, call, "make_webhook", webhook["_id"], host=webhook["host"])
    made = {**_shown(webhook), "secret": secret}
    return answer(made, 201, {"Location": f"/api/v1/webhooks/{webhook['_id']}"})


def list_webhooks(gateway: Gateway, call: Call) -> Response:
    """A page of the caller's webhooks, of an admin's division too."""
    wanted = load(PAGE, call.query)
    query = _theirs(call)
    if wanted["cursor"]:
        query = {**query, "_id": {"$lt": wanted["cursor"]}}
    found = gateway.store.webhooks.find(query, wanted["limit"] + 1)
    return _page(found, wanted["limit"], _shown)


def read_webhook(gateway: Gateway, call: Call) -> Response:
    """One webhook."""
    return answer(_shown(_webhook(gateway, call)))


def change_webhook(gateway: Gateway, call: Call) -> Response:
    """Changes a webhook as long as it is as the caller saw it."""
    given, webhook = load(WEBHOOK_CHANGE, call.body), _webhook(gateway, call)
    version, names = given.pop("version"), sorted(given)
    changed = gateway.store.webhooks.change(webhook["_id"], version, _change(gateway, call, given))
    if changed is None:
        webhook = _webhook(gateway, call)
        raise Problem("stale", f"it is at version {webhook['version']}", current=_shown(webhook))
    if not changed["enabled"]:
        gateway.store.deliveries.park(webhook["_id"], BY_HAND)
    elif {"enabled", "url"} & set(names):
        gateway.store.webhooks.stir_at_once(webhook["_id"], clock.now())
    record(gateway, call, "change_webhook", webhook["_id"], changed=names)
    return answer(_shown(changed))


def delete_webhook(gateway: Gateway, call: Call) -> Response:
    """Takes a webhook away, with its deliveries."""
    webhook = _webhook(gateway, call)
    gateway.store.webhooks.delete(webhook["_id"])
    gateway.store.deliveries.delete_of(webhook["_id"])
    record(gateway, call, "delete_webhook", webhook["_id"], host=webhook["host"])
    return Response(status=204)


def rotate_secret(gateway: Gateway, call: Call) -> Response:
    """Shows a new secret; the one before signs as well for a while."""
    webhook, secret = _webhook(gateway, call), signing.new_secret()
    secrets = signing.rotated(webhook["secrets"], secret, clock.now())
    change = {"secrets": secrets}
    changed = gateway.store.webhooks.change(webhook["_id"], webhook["version"], change)
    if changed is None:
        raise Problem("stale", "somebody else changed it at the same time")
    record(gateway, call, "rotate_webhook_secret", webhook["_id"])
    return answer({**_shown(changed), "secret": secret})


def test_webhook(gateway: Gateway, call: Call) -> Response:
    """Sends ``webhook.test``, before whatever waits."""
    webhook, at = _enabled(gateway, call), clock.now()
    message = of_test(webhook["_id"], at)
    delivery = {**new_delivery(webhook["_id"], message, None, 0, at), "at": EPOCH}
    gateway.store.deliveries.insert([delivery])
    gateway.store.webhooks.stir_at_once(webhook["_id"], at)
    return answer(shown_delivery(delivery), 202)


def list_deliveries(gateway: Gateway, call: Call) -> Response:
    """A page of what was sent, and what waits."""
    wanted, webhook = load(DELIVERY_FILTER, call.query), _webhook(gateway, call)
    query: Document = {"webhook": webhook["_id"]}
    query |= {name: wanted[name] for name in ("state", "type") if name in wanted}
    if wanted["cursor"]:
        query["_id"] = {"$lt": wanted["cursor"]}
    found = gateway.store.deliveries.find(query, wanted["limit"] + 1)
    return _page(found, wanted["limit"], shown_delivery)


def replay_delivery(gateway: Gateway, call: Call) -> Response:
    """Sends one delivery again."""
    webhook, at = _enabled(gateway, call), clock.now()
    delivery = gateway.store.deliveries.replay(webhook["_id"], call.path["delivery"], at)
    if delivery is None:
        raise Problem("not-found")
    gateway.store.webhooks.stir_at_once(webhook["_id"], at)
    return answer(shown_delivery(delivery), 202)


def replay_failed(gateway: Gateway, call: Call) -> Response:
    """Sends again what failed."""
    since = load(REPLAY, call.body)["since"] or EPOCH
    webhook = _enabled(gateway, call)
    replayed = gateway.store.deliveries.replay_failed(webhook["_id"], since, MOST_REPLAYED)
    gateway.store.webhooks.stir_at_once(webhook["_id"], clock.now())
    return answer({"replayed": replayed}, 202)


def _theirs(call: Call) -> Document:
    """A filter of the webhooks that a caller may see: their own; an admin also those that ask for
    a division within reach."""
    own = {"owner": call.caller.account}
    if "admin" not in call.caller.roles:
        return own
    return {"$or": [own, within(reach(call.caller))]}


def _webhook(gateway: Gateway, call: Call) -> Document:
    found = gateway.store.webhooks.find({**_theirs(call), "_id": call.path["webhook"]}, 1)
    if not found:
        raise Problem("not-found")
    return found[0]


def _enabled(gateway: Gateway, call: Call) -> Document:
    webhook = _webhook(gateway, call)
    if not webhook["enabled"]:
        raise invalid("enabled", "the webhook is switched off: switch it on first")
    return webhook


def _change(gateway: Gateway, call: Call, given: Document) -> Document:
    change = dict(given)
    if "division" in given:
        change |= _divided(call, given["division"] or call.caller.division)
    if "url" in given:
        change |= {**_addressed(gateway, given["url"]), "failing": RECOVERED["failing"]}
    if given.get("enabled") is False:
        change["disabled"] = {"at": clock.now(), "why": BY_HAND}
    return {**change, **RECOVERED} if given.get("enabled") else change


def _divided(call: Call, division: str | None) -> Document:
    """The division that a webhook asks for, and those it lies in."""
    if division is not None and not sees_division(call.caller, division):
        raise invalid("division", "is not within your own")
    return {"division": division, "divisions": ancestry(division) if division else []}


def _addressed(gateway: Gateway, text: str) -> Document:
    """The address of a receiver and its host; raises ``Problem`` for one that may not be used."""
    try:
        url = web_address(text)
        if not gateway.settings.private_webhooks:
            _require_public(url)
    except (ValueError, NotPosted) as error:
        raise invalid("url", str(error)) from error
    return {"url": url, "host": plain_host(str(urlsplit(url).hostname))}


def _require_public(url: str) -> None:
    if urlsplit(url).scheme != "https":
        raise ValueError("must be https://")
    if names_private(url):
        raise ValueError("must not lie in a private network")
    addresses_of(url, private_allowed=False)


def _page(found: list[Document], limit: int, shown: Any) -> Response:
    page = found[:limit]
    following = page[-1]["_id"] if len(found) > len(page) else None
    return answer({"items": [shown(each) for each in page], "next": following})


def _shown(webhook: Document) -> Document:
    names = ("owner", "url", "types", "division", "description", "enabled", "version")
    disabled, failing = webhook["disabled"], webhook["failing"]
    before = webhook["secrets"][1:]
    return {
        "id": webhook["_id"],
        **{name: webhook[name] for name in names},
        "disabled": disabled and {**disabled, "at": disabled["at"].isoformat()},
        "failing": {**failing, "since": failing["since"] and failing["since"].isoformat()},
        "secret_until": before[0]["until"].isoformat() if before else None,
        "created_at": webhook["created_at"].isoformat(),
    }
