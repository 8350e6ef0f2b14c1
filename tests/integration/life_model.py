"""What a case should be and who should be refused what: a model of the issues service that shares
no line with it."""

from collections import deque
from copy import deepcopy
from dataclasses import dataclass

from ..matrix import EXPECTED
from .people import DEPARTMENT

TARGET = {
    "verify": "verifying",
    "accept": "accepted",
    "reject": "rejected",
    "withdraw": "withdrawn",
    "file": "filed",
    "self_handle": "closed",
    "dispatch": "dispatched",
    "return": "returned",
    "refuse_return": "dispatched",
    "redispatch": "dispatched",
    "recall": "filed",
    "escalate": "escalated",
    "hand_down": "dispatched",
    "take": "handling",
    "ask_extension": "extension_asked",
    "grant_extension": "handling",
    "refuse_extension": "handling",
    "ask_suspension": "suspension_asked",
    "refuse_suspension": "handling",
    "suspend": "suspended",
    "resume": "handling",
    "feed_back": "checking",
    "rework": "handling",
    "close": "closed",
    "rate": "rated",
    "reopen": "reopened",
    "merge": "merged",
    "void": "void",
}
"""Where an action leads; what is not here changes no state, and unmerging leads back."""

PHOTOS = ["https://photos.example/1.jpg", "https://photos.example/2.jpg"]
REASON, NOTE = {"reason": "因故"}, {"note": "属实"}
SUSPENSION = {"reason": "施工", "until": "2027-03-01"}
GIVEN = {
    "verify": NOTE,
    "accept": NOTE,
    "reject": REASON,
    "withdraw": REASON,
    "file": NOTE,
    "self_handle": {"photos": PHOTOS},
    "return": REASON,
    "refuse_return": REASON,
    "recall": REASON,
    "escalate": {"reason": "办不了", "signed_by": "某主任"},
    "take": NOTE,
    "ask_extension": {"reason": "缺料", "extension": {"number": 1, "unit": "工作日"}},
    "grant_extension": NOTE,
    "refuse_extension": REASON,
    "ask_suspension": SUSPENSION,
    "refuse_suspension": REASON,
    "suspend": SUSPENSION,
    "resume": NOTE,
    "feed_back": {"note": "已清理", "photos": PHOTOS},
    "check": NOTE,
    "rework": REASON,
    "rate": {"solved": True, "satisfaction": 5},
    "reopen": REASON,
    "unmerge": REASON,
    "remark": NOTE,
    "supervise": REASON,
    "void": REASON,
}
"""What comes with an action so that nothing is missing."""

BY_ITSELF, WAITING, SLOW = "06012", "92001", "06011"
"""Goes to its party by itself; waits for somebody; can be extended."""
NEW_PARTY = ("dispatch", "redispatch", "hand_down")
ENDED = ("closed", "rated", "rejected", "withdrawn", "merged", "void")


@dataclass
class Model:
    """What a case should be."""

    id: str
    reporter: str
    patrol: bool
    category: str
    proposed: str
    state: str = "reported"
    version: int = 2
    party: str | None = None
    extensions: int = 0
    checked: bool = False
    before_merge: str = ""
    main: "Model | None" = None
    last: tuple[str, str] | None = None
    """What was done last, and by whom."""

    def __post_init__(self):
        if self.patrol and self.category != WAITING:
            self.state, self.party = "dispatched", self.proposed

    def move(self, action, party, main, account):
        """What a successful action makes of it."""
        self.last = action, account
        if action == "merge":
            self.before_merge, self.main = self.state, main
        if action in ("merge", "unmerge"):
            self.main.version += 1
            self.main.last = None
        self.state = self.before_merge if action == "unmerge" else TARGET.get(action, self.state)
        self.version += 1
        if action in NEW_PARTY:
            self.party, self.extensions, self.checked = party, 0, False
        if action in ("recall", "escalate"):
            self.party = None
        if action in ("check", "feed_back", "rework"):
            self.checked = action == "check"
        self.extensions += action == "grant_extension"


class Town:
    """Who is who, and what each may do."""

    def __init__(self, people, property_company, community):
        self._people = {
            people.member: ("reporter", None),
            people.neighbour: ("reporter", None),
            people.handler: ("handler", property_company),
            people.department: ("handler", DEPARTMENT),
            people.dispatcher: ("dispatcher", community),
            people.supervisor: ("supervisor", None),
            people.admin: ("admin", None),
        }
        self.reporters = (people.member, people.neighbour)
        self.member = people.member
        self.accounts = sorted(self._people)

    def towards(self, account, model):
        """The roles somebody has with regard to a case."""
        role, party = self._people[account]
        found = {"reporter"} if account == model.reporter else set()
        if role not in ("reporter", "handler"):
            found.add(role)
        if party and party == model.party:
            found.add("handler")
        return found

    def sees(self, account, model):
        """Whether a case is there at all for somebody."""
        role, party = self._people[account]
        if role == "reporter":
            return account == model.reporter
        return role != "handler" or party == model.party

    def open_to(self, model):
        """Every (action, account) that the matrix has for the state of a case."""
        return [
            (action, account)
            for (action, state), allowed in sorted(EXPECTED.items())
            if state == model.state and action not in ("recategorise", "merge")
            for account in self.accounts
            if allowed & self.towards(account, model) and self.sees(account, model)
        ]

    def status(self, model, action, account, party, main):
        """What an action must be answered with."""
        if not self.sees(account, model):
            return 404
        mine = self.towards(account, model)
        here = EXPECTED.get((action, model.state), set())
        if not mine & set().union(*(v for (name, _), v in EXPECTED.items() if name == action)):
            return 403
        if here and not mine & here:
            return 403
        if not here or _guarded(model, action, mine & here, party):
            return 409
        unfit = main and (main is model or not self.sees(account, main) or main.state in ENDED)
        return 422 if unfit else 200

    def way(self, model, state):
        """The shortest row of (action, account) that leads a case into a state."""
        ways, seen = deque([(model, [])]), set()
        while ways:
            reached, steps = ways.popleft()
            if reached.state == state:
                return steps
            for action, account in self.open_to(reached):
                party = party_for(action, reached)
                if self.status(reached, action, account, party, None) == 200:
                    after = deepcopy(reached)
                    after.move(action, party, None, account)
                    if (after.state, after.checked) not in seen:
                        seen.add((after.state, after.checked))
                        ways.append((after, [*steps, (action, account)]))
        return []


def party_for(action, model):
    """The party that an action names."""
    if action not in NEW_PARTY:
        return None
    return DEPARTMENT if action == "redispatch" else model.proposed


def _guarded(model, action, mine, party):
    """Whether something else than state and role is in the way."""
    resident = not model.patrol
    as_reporter = mine == {"reporter"}
    return {
        "accept": model.state == "reported" and resident,
        "self_handle": as_reporter and resident,
        "check": as_reporter and resident,
        "redispatch": party == model.party,
        "ask_extension": model.category != SLOW or model.extensions == 2,
        "grant_extension": mine == {"dispatcher"} and model.extensions > 0,
        "close": not model.checked,
    }.get(action, False)
