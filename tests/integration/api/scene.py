"""The cases of the scope table: for each caller one inside, one outside, one confidential."""

import itertools
import uuid
from dataclasses import dataclass

from services.gateway.api import OPERATIONS

from ..conftest import place_in, report_body
from .callers import COMPOUND, TOWN, Callers
from .recipes_things import picture

GARBAGE, DRAINS, LEAD = "06010", "01003", "94002"
KINDS = ("inside", "outside", "confidential")
"""The three parts of a cell, in its order."""


@dataclass(frozen=True)
class Target:
    """A case that somebody asks about."""

    id: str
    number: str
    point: tuple[float, float]
    category: str
    community: str
    grid: str
    party: str
    reporter: str


class Scene:
    """Callers and the cases they ask about."""

    def __init__(self, world):
        self.world = world
        self.callers = Callers(world, "scope")
        self.kept = {}
        """Things that were made once, by what they are."""
        self._counter = itertools.count(1)
        self.stranger = world.account("scope-stranger", "reporter", member="courier-02")
        _, here = place_in("compounds.geojson", lambda each: each["id"] == COMPOUND["id"])
        _, far = place_in("grids.geojson", lambda each: not each["code"].startswith(TOWN))
        self.members = self._case(here, GARBAGE, self.callers.account("member"))
        self.residents = self._case(here, GARBAGE, self.callers.account("resident"), verified=True)
        self.drains = self._case(here, DRAINS, self.stranger)
        self.far = self._case(far, GARBAGE, self.stranger)
        self.lead = self._case(here, LEAD, self.stranger)

    def next(self):
        """A number that was not given before."""
        return next(self._counter)

    def target(self, caller, kind):
        """The case of that kind for a caller: what is outside for one is inside for another."""
        if kind == "confidential":
            return self.lead
        inside = self.residents if caller == "resident" else self.members
        if kind == "inside":
            return inside
        beside = {"member": self.residents, "resident": self.members, "handler": self.drains}
        return beside.get(caller, self.far)

    def _case(self, point, category, account, verified=False):
        world = self.world
        body = report_body(point, category, photos=self._photos(account))
        answer = world.report(body, uuid.uuid4().hex, account)
        assert answer.status == 201, answer
        issue = answer.body["id"]
        world.placed(issue)
        if verified:
            dispatcher = self.callers.account("dispatcher")
            world.done(issue, "verify", dispatcher)
            world.done(issue, "accept", dispatcher, note="已到现场核实")
            for action in ("file", "dispatch"):
                world.done(issue, action, dispatcher)
        case = world.settled(issue)
        return Target(
            id=issue,
            number=case["number"],
            point=point,
            category=category,
            community=case["community"]["code"],
            grid=case["grid"]["code"],
            party=case["responsible"]["id"],
            reporter=account,
        )

    def _photos(self, account):
        """A photo of the reporter's own, where photos are taken in."""
        if not any(operation.id == "sendPhoto" for operation in OPERATIONS):
            return []
        kind = {"Content-Type": "image/jpeg"}
        answer = self.world.request("POST", "/api/v1/photos", account, body=picture(), headers=kind)
        assert answer.status == 201, answer
        return [answer.body["url"]]
