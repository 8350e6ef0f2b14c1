"""The names of what a case is told by: in lists, in single reads and in exports."""

from __future__ import annotations

ISSUE_FIELDS = (
    "id",
    "number",
    "state",
    "version",
    "category",
    "description",
    "location",
    "address",
    "photos",
    "urgent",
    "emergency",
    "reported_at",
    "observed_at",
    "grid",
    "community",
    "town",
    "county",
    "compound",
    "responsible",
    "activity",
    "due_at",
    "due_soon_at",
    "bundled_due_at",
    "due_assumed",
    "light",
    "asked",
    "suspended_until",
    "extensions",
    "reworks",
    "reopens",
    "followers",
    "main",
    "closed_at",
    "outcome",
    "rating",
    "history",
    "reporter",
    "proposal",
    "similar",
    "merged",
    "earlier_clocks",
)
"""Every field; each caller is shown those that are theirs to see."""
ON_REQUEST = ("history", "reporter", "proposal", "similar", "merged", "earlier_clocks")
"""What lists hold only when it is asked for."""
SUMMARY_FIELDS = tuple(name for name in ISSUE_FIELDS if name not in ON_REQUEST)
"""What lists hold of each case."""
