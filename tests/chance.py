"""Lives of a case as chance has it, each step allowed by the issues service's own table."""

from services.issues.lifecycle import SYSTEM, TRANSITIONS, NotAllowed

from .lives import BY_ITSELF, OTHER
from .walk import DEPARTMENT, LEAD_ROW, PROPERTY, ROW, SLOW_ROW, Walk, assignment

LIMITS = ("limit", "limit_unit", "check_limit", "check_unit")
UNLIMITED = {name: value for name, value in SLOW_ROW.items() if name not in LIMITS}
ROWS = (ROW, SLOW_ROW, LEAD_ROW, BY_ITSELF, UNLIMITED)
RARE = (
    *("reject", "withdraw", "void", "merge", "self_handle", "recall", "escalate", "recategorise"),
    *("remark", "urge", "supervise", "absorb", "release"),
)
"""What ends a life early, sets it back, or leaves it where it is: tried every tenth time."""
PAUSES = ({"minutes": 1}, {"minutes": 90}, {"hours": 7}, {"days": 1}, {"days": 20})


def random_life(chance, steps=24):
    """A walk that chance led; ``chance``: a ``random.Random``."""
    walk = Walk(
        chance.choice(ROWS),
        patrol=chance.random() < 0.8,
        courier=chance.random() < 0.3,
        reporter=chance.choice(["member", "li.na", "program:hotline"]),
        place=chance.random() < 0.9,
    )
    for _ in range(chance.randint(0, steps)):
        walk.pass_by(**chance.choice(PAUSES))
        while walk.case["alarms"] and walk.case["alarms"][0]["at"] <= walk.at:
            walk.ring(walk.at)
        if chance.random() < 0.1:
            _say_where(walk, chance)
        else:
            _act(walk, chance)
    return walk


def _say_where(walk, chance):
    sequence = walk.case.get("assignment", 0) + 1
    barred = [PROPERTY["id"]] if chance.random() < 0.3 else []
    party = DEPARTMENT if barred else PROPERTY
    walk.assign(assignment(sequence=sequence, party=party, barred=barred))


def _act(walk, chance):
    avoided = {action for action in RARE if chance.random() < 0.9}
    open_to = [
        (row.action, role)
        for row in TRANSITIONS
        if row.source == walk.case["state"] and row.action not in avoided
        for role in sorted(row.roles)
        if role != SYSTEM or row.action in ("absorb", "release")
    ]
    for action, role in chance.sample(open_to, len(open_to)):
        party = chance.choice([PROPERTY, DEPARTMENT])
        more = {"row": OTHER, "category": OTHER["code"]} if action == "recategorise" else {}
        rating = {"solved": chance.random() < 0.5, "satisfaction": chance.randint(1, 5)}
        more |= rating if action == "rate" else {}
        more |= {"party": party} if action in ("dispatch", "redispatch", "hand_down") else {}
        try:
            walk.do(action, role, **more)
        except NotAllowed:
            continue
        return
