import pytest

from services.notify.inboxes import own_keys, readable
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem

COMMUNITY = "341324001001"
MEMBER = Caller("li", ("reporter",))
HANDLER = Caller("chen", ("handler",), None, "property-1")
DISPATCHER = Caller("wu", ("dispatcher",), COMMUNITY, f"community-{COMMUNITY}")
SUPERVISOR = Caller("sun", ("supervisor",), "341324")
ADMIN = Caller("admin", ("admin",))
TOWN_ADMIN = Caller("clerk", ("admin",), "341324001")
BOTH = Caller("both", ("handler", "supervisor", "admin"), "341324", "property-1")


def test_everybody_has_inboxes_of_their_own():
    assert own_keys(MEMBER) == ["account:li"]
    assert own_keys(HANDLER) == ["account:chen", "party:property-1"]
    assert own_keys(DISPATCHER) == [
        "account:wu",
        f"party:community-{COMMUNITY}",
        f"dispatcher:{COMMUNITY}",
    ]
    assert own_keys(SUPERVISOR) == ["account:sun", "supervisor:341324"]


def test_an_admin_reads_all_under_their_division():
    assert readable(ADMIN, None) == {"readers": "under:"}
    assert readable(TOWN_ADMIN, None) == {"readers": "under:341324001"}


@pytest.mark.parametrize(
    ("caller", "recipient", "allowed"),
    [
        (MEMBER, "account:li", True),
        (MEMBER, "account:chen", False),
        (MEMBER, "party:property-1", False),
        (HANDLER, "party:property-1", True),
        (HANDLER, "party:property-2", False),
        (HANDLER, "account:li", False),
        (DISPATCHER, "party:property-1", True),
        (DISPATCHER, "account:li", False),
        (DISPATCHER, "supervisor:341324001", False),
        (SUPERVISOR, "supervisor:341324001", True),
        (SUPERVISOR, "dispatcher:341324001001", True),
        (SUPERVISOR, "account:li", False),
        (Caller("x", ("supervisor",)), "party:property-1", False),
        (ADMIN, "account:li", True),
        (ADMIN, "nonsense", False),
        # Who handles cases as well never sees who reported one.
        (BOTH, "account:li", False),
        (BOTH, "party:property-2", False),
    ],
)
def test_another_inbox_is_read_only_within_reach(caller, recipient, allowed):
    if allowed:
        assert recipient in str(readable(caller, recipient))
    else:
        with pytest.raises(Problem, match="inbox"):
            readable(caller, recipient)


def test_who_handles_cases_too_reads_no_reporters_inbox_as_admin():
    keys = ["account:both", "party:property-1", "supervisor:341324"]
    assert readable(BOTH, None) == {"readers": {"$in": keys}, "told_as_well": {"$nin": keys}}


def test_reach_ends_at_the_division():
    assert readable(DISPATCHER, "party:property-1") == {
        "readers": {"$all": ["party:property-1", f"under:{COMMUNITY}"]}
    }
