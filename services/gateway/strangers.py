"""Reports of strangers: all have one account, and must still know nothing of each other.

A case is found again by its reporter and the Idempotency-Key, and strangers share the reporter. So
what is kept of a stranger's key is a signature of the key together with the report:

- with the same key and another report nobody is told that the key was used: it opens another case;
- a receipt comes again only to who sends the same key with the same report, to the letter. A key is
  long, so that two programs do not happen upon the same one; one that always sends the same key
  gives away no more than that somebody sent exactly this report before.

The address has no part in it: a phone that tries again from another network doubles nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from suishoupai.contracts.problems import Problem

SHORTEST_KEY = 32
"""Characters: of a random UUID, its digits alone."""


def private_key(secret: str, key: str, report: Any) -> str:
    """The key that a stranger's report is kept by; raises ``Problem`` for one that is short."""
    if len(key) < SHORTEST_KEY:
        raise Problem(
            "missing-header",
            f"Idempotency-Key: at least {SHORTEST_KEY} characters without an account: a UUID",
        )
    said = json.dumps(["anonymous", key, report], sort_keys=True)
    return hmac.new(secret.encode(), said.encode(), hashlib.sha256).hexdigest()
