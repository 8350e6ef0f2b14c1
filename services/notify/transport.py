"""Sends one message by apprise, within a time limit.

apprise waits on sockets, which are green here, names included: while one channel waits, everything
else goes on, and the limit ends it wherever it waits. It must not run in a thread (``tpool``): it
hands its work to an executor, whose green locks cannot be passed between threads.

apprise's own log lines are kept out of the logs, for addresses are in them; why a try failed is
taken from them and kept, masked, with the message.
"""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import apprise
import eventlet

from services.notify.channels import Channel, Channels
from suishoupai.masking import mask, mask_address
from suishoupai.outward import NotPosted, post

TRY_SECONDS = 20.0
"""Longest that one try may take, whatever the other side does."""
JSON = {"Content-Type": "application/json; charset=utf-8"}
EXAMPLES = {
    "email": "somebody@example.org",
    "phone": "13800000000",
    "key": "abcdefgh12345678",
    "url": "https://example.org/hook",
}
"""An address of each sort, to see whether apprise understands a channel's URL."""


class NotSent(Exception):
    """The channel did not take a message; says why, without anybody's address."""


@dataclass(frozen=True)
class Message:
    """What is sent."""

    id: str
    """The same at each try, for receivers that want each message once."""
    title: str
    text: str
    private_allowed: bool = False
    """Whether a web address may lie in a private network."""


_message: ContextVar[Message] = ContextVar("message")
_asset = apprise.AppriseAsset(app_id="suishoupai", app_desc="随手拍", http_redirects=False)
_logger = logging.getLogger("apprise")
_logger.handlers, _logger.propagate = [logging.NullHandler()], False


@apprise.decorators.notify(on="webhook")  # type: ignore[no-untyped-call]
def _post(body: str, title: str, *_: Any, meta: dict[str, Any], **__: Any) -> bool:
    """What apprise does for ``webhook://?to=ADDRESS``."""
    message = _message.get()
    content = json.dumps({"id": message.id, "title": title, "text": body}, ensure_ascii=False)
    try:
        post(meta["qsd"]["to"], content.encode(), JSON, message.private_allowed)
    except NotPosted as error:
        _logger.warning(str(error))
        return False
    return True


def check(channels: Channels) -> None:
    """Raises ``ValueError`` naming the channel whose URL apprise does not understand."""
    for channel in channels.values():
        url = channel.url_for(EXAMPLES[channel.address])
        if apprise.Apprise.instantiate(url, asset=_asset, suppress_exceptions=True) is None:
            raise ValueError(f"channel {channel.name}: apprise does not understand its URL")


def send(channel: Channel, address: str, message: Message) -> None:
    """Sends; raises ``NotSent`` when it was not taken within ``TRY_SECONDS``."""
    limit = eventlet.Timeout(TRY_SECONDS)
    try:
        fault = _try(channel, address, message)
    except eventlet.Timeout as passed:
        if passed is not limit:
            raise
        fault = f"no answer within {TRY_SECONDS:.0f} s"
    except Exception as error:  # a plugin may raise anything: the channel goes on
        fault = f"{type(error).__name__}: {_hidden(str(error), address)}"
    finally:
        limit.cancel()
    if fault is not None:
        raise NotSent(fault)


def _try(channel: Channel, address: str, message: Message) -> str | None:
    _message.set(message)
    carrier = apprise.Apprise(asset=_asset)
    if not carrier.add(channel.url_for(address)):
        return "the channel does not understand its address"
    result = carrier.notify(body=message.text, title=message.title, body_format="text")
    if result:
        return None
    said = [entry.message for entry in result.logs() if entry.level in ("WARNING", "ERROR")]
    return _hidden(said[0], address) if said else "not taken"


def _hidden(text: str, address: str) -> str:
    return mask(text.replace(address, mask_address(address)))[:300]
