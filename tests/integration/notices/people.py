"""Who hears of the case that these tests tell of."""

from datetime import UTC, datetime

from suishoupai.access import Caller

from ...unit.services.notify.events import GRID

PHONE = "13812345678"
REPORTER, FOLLOWER = "rider-li", "rider-zhao"
ACCOUNTS = {f"account:{REPORTER}", f"account:{FOLLOWER}"}
HANDLER = Caller("handler-chen", ("handler",), None, "property-1")
COLLEAGUE = Caller("handler-sun", ("handler",), None, "property-1")
DISPATCHER = Caller("dispatcher-wu", ("dispatcher",), GRID[:12], f"community-{GRID[:12]}")
NEVER = {"quiet": None}
START = datetime(2026, 11, 1, tzinfo=UTC)
