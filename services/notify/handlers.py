"""What notify does: tells the responsible party what happens to its cases, sums that up once a day,
and shows inboxes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time
from typing import Any

from services.notify.digests import SETTLED, day_of, digest_notice, end_of_digest
from services.notify.notices import case_notice, shown
from services.notify.store import NoticeStore
from suishoupai import clock
from suishoupai.access import Caller, reach
from suishoupai.contracts.events import Event
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import NoticeFilter, load

Document = dict[str, Any]

NOTICE_FILTER = NoticeFilter()


def tell(
    events: Sequence[Event], store: NoticeStore, announce: Callable[[Iterable[str]], None]
) -> None:
    """Puts one notice for each event into the inbox of the party that has the case."""
    at = clock.now()
    told = {(event.type, event.subject, event.sequence): event for event in events}
    announce(store.insert([case_notice(event, at) for event in told.values()]))


def digest(at: datetime, digest_at: time, store: NoticeStore) -> None:
    """Writes the digests of the local day of ``at``, once its hour has come.

    Each is written unless it is there already: two replicas, or one that died half way, make
    each digest once. A start later on the same day still makes them.
    """
    day, until = day_of(at), end_of_digest(at, digest_at)
    if at < until + SETTLED or store.is_digested(day):
        return
    for party, counts in store.counts_since_digest(until):
        store.insert([digest_notice(party, counts, until, at)])
    store.finish_digests(day)


def inbox(caller: Caller, filters: Document, store: NoticeStore) -> Document:
    """A page of the caller's party's inbox, the newest first; an admin or supervisor without a
    party reads those under their division. Raises ``Problem`` for another's inbox."""
    wanted = load(NOTICE_FILTER, filters)
    query = _readable(caller, wanted["party"])
    if wanted["issue"]:
        query["issue"] = wanted["issue"]
    if wanted["cursor"]:
        query["_id"] = {"$lt": wanted["cursor"]}
    notices = store.find(query, wanted["limit"] + 1)
    page = notices[: wanted["limit"]]
    more = len(notices) > len(page)
    return {
        "items": [shown(notice) for notice in page],
        "next": page[-1]["_id"] if more else None,
    }


def _readable(caller: Caller, party: str | None) -> Document:
    if caller.party and party in (None, caller.party):
        return {"party": caller.party}
    limits = reach(caller)
    if limits.reporter or limits.party:
        raise Problem("forbidden", "an inbox belongs to its party")
    query: Document = {"party": party} if party else {}
    if limits.division:
        query["division"] = {"$regex": f"^{re.escape(limits.division)}"}
    return query
