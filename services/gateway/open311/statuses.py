"""What a case's states and steps are called by Open311 and by FixMyStreet, and what of them is said
to everybody. Tables and pure functions.

Sources: GeoReport v2 (``open``, ``closed``) and FixMyStreet's extended states of service request
updates (the upper-case words).
"""

from __future__ import annotations

from suishoupai.contracts.words import ACTIONS, STATES

OPEN, CLOSED = "open", "closed"

DETAILED = {
    "reported": "OPEN",
    "verifying": "INVESTIGATING",
    "accepted": "INVESTIGATING",
    "filed": "ACTION_SCHEDULED",
    "dispatched": "ACTION_SCHEDULED",
    "returned": "INVESTIGATING",
    "escalated": "INVESTIGATING",
    "handling": "IN_PROGRESS",
    "extension_asked": "IN_PROGRESS",
    "suspension_asked": "IN_PROGRESS",
    "suspended": "ACTION_SCHEDULED",
    "checking": "IN_PROGRESS",
    "closed": "FIXED",
    "rated": "FIXED",
    "reopened": "OPEN",
    "rejected": "NO_FURTHER_ACTION",
    "withdrawn": "CLOSED",
    "merged": "DUPLICATE",
    "void": "CLOSED",
}
"""State → FixMyStreet's word for it."""

ENDING = (
    "FIXED",
    "CLOSED",
    "DUPLICATE",
    "NOT_COUNCILS_RESPONSIBILITY",
    "NO_FURTHER_ACTION",
    "INTERNAL_REFERRAL",
)
"""Words that close a request elsewhere."""
KNOWN_ELSEWHERE = (
    *("OPEN", "INVESTIGATING", "ACTION_SCHEDULED", "IN_PROGRESS"),
    *ENDING,
    *("REOPEN", "FOR_TRIAGE"),
)
"""Words that an update which is sent to us may have as its status."""

TOLD = (
    "verify",
    "accept",
    "reject",
    "withdraw",
    "file",
    "self_handle",
    "dispatch",
    "return",
    "refuse_return",
    "redispatch",
    "recall",
    "escalate",
    "hand_down",
    "take",
    "suspend",
    "resume",
    "feed_back",
    "close",
    "reopen",
    "merge",
    "unmerge",
    "void",
    "remark",
)
"""Steps that are an update: every one that may change FixMyStreet's status, and remarks. What a
party asks of its community, and what the community reminds it of, is between them."""
EXPLAINED = ("reject", "self_handle", "suspend", "feed_back", "close", "void")
"""Steps whose words are said with them, as they are to the reporter; those of others are not."""


def status_of(state: str) -> str:
    """``open`` or ``closed``."""
    return CLOSED if DETAILED[state] in ENDING else OPEN


def states_of(status: str) -> list[str]:
    """The states that are ``open``, or ``closed``."""
    return [state for state in STATES if status_of(state) == status]


def explained(state: str, action: str, why: str) -> str:
    """A state in the county's words, and why, where that is for everybody."""
    reason = why if action in EXPLAINED and why != ACTIONS[action] else ""
    return f"{STATES[state]}：{reason}" if reason else STATES[state]
