"""What notify does: tells whoever must hear of what happens to a case, sums inboxes up once a day,
shows inboxes, and keeps what each account chose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time
from typing import Any

from services.notify.deliveries import planned, shown_delivery
from services.notify.digests import SETTLED, day_of, digest_notice, end_of_digest
from services.notify.inboxes import is_admin, own_keys, readable
from services.notify.notices import Ordered, about, notices_of, shown
from services.notify.preferences import chosen, language_of, shown_choices
from services.notify.recipients import subscriptions
from services.notify.reports import report_notices
from services.notify.rulebook import Rulebook
from services.notify.rules import Rule
from services.notify.store import NotifyStore
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.events import Event
from suishoupai.contracts.notice_questions import NoticeFilter, NoticesRead, NotificationChoices
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import load

Document = dict[str, Any]

NOTICE_FILTER, NOTICES_READ, CHOICES = NoticeFilter(), NoticesRead(), NotificationChoices()
DIGEST_RULE = Rule("", "", frozenset(), "digest", None)
"""A digest may go out by every channel its reader chose."""


def tell(
    events: Sequence[Event],
    book: Rulebook,
    store: NotifyStore,
    announce: Callable[[Iterable[str]], None],
) -> None:
    """Puts a notice of each event into the inbox of everybody who must hear of it, and plans the
    messages to those who want one.

    An event is acknowledged after both: what a crash leaves undone is done when it comes again.
    """
    at = clock.now()
    store.tables.keep(book.table, at)
    once = {(event.type, event.subject, event.sequence): event for event in events}
    ordered = [each for event in once.values() for each in notices_of(event, book.rules, at)]
    if ordered:
        announce(store.inboxes.insert([each.notice for each in ordered]))
        plan(ordered, book, store, at)


def tell_of_reports(events: Sequence[Event], book: Rulebook, store: NotifyStore) -> None:
    """Puts a notice of each report into the inbox of everybody who subscribed to it, and plans the
    messages to those who want one; as ``tell`` does."""
    at = clock.now()
    once = {event.subject: event for event in events}
    ordered = [each for event in once.values() for each in report_notices(event, book.rules, at)]
    if ordered:
        store.inboxes.insert([each.notice for each in ordered])
        plan(ordered, book, store, at)


def plan(ordered: Sequence[Ordered], book: Rulebook, store: NotifyStore, at: datetime) -> None:
    """Writes the messages that go out for these notices, unless they are there already."""
    keys = {key for each in ordered for key in subscriptions(each.notice["recipient"])}
    subscribers = store.people.subscribers(keys) if book.channels else []
    if not subscribers:
        return
    # Somebody may have written the notice before: a message speaks of the one that is there.
    kept = store.inboxes.ids([each.notice for each in ordered])
    there = (Ordered({**each.notice, "_id": kept[each.key]}, each.rule) for each in ordered)
    store.deliveries.insert(
        [row for each in there for row in planned(each, subscribers, book.channels, at)]
    )


def digest(at: datetime, digest_at: time, book: Rulebook, store: NotifyStore) -> None:
    """Writes the digests of the local day of ``at``, once its hour has come.

    Each is written unless it is there already: two replicas, or one that died half way, make
    each digest once. A start later on the same day still makes them.
    """
    day, until = day_of(at), end_of_digest(at, digest_at)
    if at < until + SETTLED or store.inboxes.is_digested(day):
        return
    for recipient, news in store.inboxes.news_since_digest(until):
        store.inboxes.insert([digest_notice(recipient, news, until, at)])
    digests = [Ordered(notice, DIGEST_RULE) for notice in store.inboxes.digests_of(day)]
    plan(digests, book, store, at)
    store.inboxes.finish_digests(day)


def inbox(caller: Caller, filters: Document, book: Rulebook, store: NotifyStore) -> Document:
    """A page of the caller's inboxes, the newest first; an admin reads all under their division.
    Raises ``Problem`` for another's inbox."""
    wanted = load(NOTICE_FILTER, filters)
    person = _person(caller, store)
    everything = _readable(caller, wanted)
    page, more = _page(caller, person, wanted, everything, store)
    words = book.texts[wanted["language"] or language_of(person)]
    return {
        "items": [shown(each, words, _is_read(each, caller, person)) for each in page],
        "next": page[-1]["_id"] if more else None,
        "unread": _count_unread(caller, person, everything, store),
    }


def _readable(caller: Caller, wanted: Document) -> Document:
    party = wanted["party"]
    query = readable(caller, wanted["recipient"] or (f"party:{party}" if party else None))
    narrower = {name: wanted[name] for name in ("issue", "kind") if wanted[name]}
    return {**query, **narrower}


def _page(
    caller: Caller,
    person: Document | None,
    wanted: Document,
    query: Document,
    store: NotifyStore,
) -> tuple[list[Document], bool]:
    cursor, limit = wanted["cursor"], wanted["limit"]
    if wanted["unread"]:
        newer = _unread(query, person)
        found = store.inboxes.find_unread(newer, caller.account, cursor, limit + 1)
    else:
        before = {"_id": {"$lt": cursor}} if cursor else {}
        found = store.inboxes.find({**query, **before}, limit + 1)
    return found[:limit], len(found) > limit


def _unread(query: Document, person: Document | None) -> Document:
    mark = (person or {}).get("read_until")
    return {**query, "_id": {"$gt": mark}} if mark else query


def _count_unread(
    caller: Caller, person: Document | None, query: Document, store: NotifyStore
) -> int:
    return store.inboxes.count_unread(_unread(query, person), caller.account)


def _is_read(notice: Document, caller: Caller, person: Document | None) -> bool:
    mark = (person or {}).get("read_until") or ""
    return notice["_id"] <= mark or caller.account in notice.get("read_by", ())


def _person(caller: Caller, store: NotifyStore) -> Document | None:
    """What is known of the caller; whoever was given other duties listens elsewhere from now on."""
    person, keys = store.people.find(caller.account), own_keys(caller)
    if person and person.get("keys", keys) != keys:
        store.people.move(caller.account, keys)
    return person


def mark_read(caller: Caller, body: Any, store: NotifyStore) -> Document:
    """Keeps what the caller has read: some notices, or everything up to one; says how many of
    their own inboxes' they have not. What is not theirs to read is left as it is."""
    wanted, query = load(NOTICES_READ, body), readable(caller, None)
    if wanted["until"]:
        store.people.read_until(caller.account, wanted["until"])
    else:
        store.inboxes.mark_read(wanted["ids"], query, caller.account)
    person = store.people.find(caller.account)
    return {"unread": _count_unread(caller, person, query, store)}


def deliveries(caller: Caller, notice: str, store: NotifyStore) -> Document:
    """What became of the messages about a notice: an admin sees all, others their own. Raises
    ``Problem`` for a notice that is not theirs."""
    found = store.inboxes.read(notice, readable(caller, None))
    if found is None:
        raise Problem("not-found")
    account = None if is_admin(caller) else caller.account
    return {"items": [shown_delivery(each) for each in store.deliveries.of(about(found), account)]}


def notifications(caller: Caller, book: Rulebook, store: NotifyStore) -> Document:
    """What the caller chose, addresses masked, and the channels there are."""
    return shown_choices(_person(caller, store), book)


def choose_notifications(caller: Caller, body: Any, book: Rulebook, store: NotifyStore) -> Document:
    """Keeps what the caller chose, with the inboxes that are theirs now. Raises ``Problem`` naming
    every field that does not fit."""
    person = store.people.find(caller.account)
    choices = chosen(load(CHOICES, body), (person or {}).get("choices"), book)
    store.people.choose(caller.account, choices, own_keys(caller), clock.now())
    return shown_choices({"choices": choices}, book)
