"""Random actions by random people against the running service and a model: same states, same
refusals; every history replays to the state it led to, and all that was told and counted agrees."""

import uuid
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run

from suishoupai.contracts.words import ACTIONS
from suishoupai.mongo import connect
from suishoupai.truth.verify import verify

from ..matrix import EXPECTED
from .conftest import report_body
from .life_model import BY_ITSELF, GIVEN, SLOW, WAITING, Model, Town, party_for
from .people import people_around

TRIED = sorted(set(ACTIONS) - {"recategorise", "merge", "report"})
"""Merging has a rule of its own; recategorising waits for the grid and is told in the stories."""
STEPS = sorted(step for step in EXPECTED if step[0] in TRIED)
MOST_CASES = 5


class Life(RuleBasedStateMachine):
    """Cases of one compound, and what may be done with them."""

    world = town = point = None
    opened: ClassVar[list] = []

    def __init__(self):
        super().__init__()
        self.cases = []

    @initialize()
    def begin(self):
        self.open(self.town.reporters[0], BY_ITSELF)
        self.open(self.town.reporters[1], SLOW)

    def open(self, reporter, category):
        answer = self.world.report(report_body(self.point, category), uuid.uuid4().hex, reporter)
        assert answer.status == 201, answer
        case = self.world.placed(answer.body["id"])
        proposed = case["proposal"]["party"]["id"]
        patrol = reporter == self.town.member
        self.cases.append(Model(case["id"], reporter, patrol, category, proposed))
        self.opened.append(case["id"])
        self.compare(self.cases[-1])

    @rule(data=st.data(), category=st.sampled_from([BY_ITSELF, WAITING, SLOW]))
    def report(self, data, category):
        if len(self.cases) < MOST_CASES:
            self.open(data.draw(st.sampled_from(self.town.reporters)), category)

    @rule(data=st.data(), action=st.sampled_from(TRIED))
    def act(self, data, action):
        """Anybody tries anything."""
        account = data.draw(st.sampled_from(self.town.accounts))
        self.attempt(data.draw(st.sampled_from(self.cases)), action, account)

    @rule(data=st.data(), step=st.sampled_from(STEPS))
    def act_where_it_is_possible(self, data, step):
        """A case is brought into the state for an action, and somebody who is near tries it."""
        model, (action, state) = data.draw(st.sampled_from(self.cases)), step
        for each in self.town.way(model, state):
            self.attempt(model, *each)
        near = [name for name in self.town.accounts if self.town.sees(name, model)]
        self.attempt(model, action, data.draw(st.sampled_from(near)))

    @rule(data=st.data())
    def merge(self, data):
        model, main = (data.draw(st.sampled_from(self.cases)) for _ in range(2))
        self.attempt(model, "merge", data.draw(st.sampled_from(self.town.accounts)), main)

    @rule(data=st.data())
    def act_on_what_is_outdated(self, data):
        model = data.draw(st.sampled_from(self.cases))
        account = data.draw(st.sampled_from(self.town.accounts))
        if self.town.sees(account, model):
            answer = self.world.act(model.id, "urge", account, version=model.version - 1)
            if model.last == ("urge", account):  # the same request again is answered the same
                assert (answer.status, answer.body["version"]) == (200, model.version)
            else:
                assert (answer.status, answer.body["type"]) == (409, "urn:suishoupai:problem:stale")
                assert answer.body["current"]["version"] == model.version
            self.compare(model)

    def attempt(self, model, action, account, main=None):
        given, party = GIVEN.get(action, {}), party_for(action, model)
        if party:
            given = {"party": party, "reason": "应由其负责"}
        if main is not None:
            given = {"main": main.id}
        answer = self.world.act(model.id, action, account, version=model.version, **given)
        expected = self.town.status(model, action, account, party, main)
        assert answer.status == expected, (action, account, model, answer)
        if answer.status == 200:
            model.move(action, party, main, account)
        for each in filter(None, (model, main, model.main)):
            self.compare(each)

    def compare(self, model):
        case = self.world.case(model.id)
        found = (case["state"], case["version"], (case["responsible"] or {}).get("id"))
        assert found == (model.state, model.version, model.party), model

    @rule(data=st.data())
    def look_what_is_offered(self, data):
        model = data.draw(st.sampled_from(self.cases))
        account = data.draw(st.sampled_from(self.town.accounts))
        if self.town.sees(account, model):
            answer = self.world.client(account).get(f"/issues/{model.id}/actions")
            possible = {
                action
                for action in set(ACTIONS) - {"report"}
                if self.town.status(model, action, account, None, None) == 200
            }
            assert {each["action"] for each in answer["items"]} == possible
            assert answer["version"] == model.version

    @invariant()
    def histories_replay(self):
        for model in self.cases:
            state, history = None, self.world.case(model.id)["history"]
            for entry in history:
                assert entry["from"] == state
                assert entry["role"] in EXPECTED.get((entry["action"], state), {"reporter"})
                state = entry["to"]
            assert (state, len(history)) == (model.state, model.version)


def test_random_lives_are_those_of_the_model(world, compound):
    properties, Life.point = compound
    people = people_around(world, properties)
    community = f"community-{properties['grids'][0][:12]}"
    Life.world, Life.town = world, Town(people, properties["property"], community)
    bounds = {"max_examples": 25, "stateful_step_count": 35, "deadline": None}
    # Each step takes real requests: a failure is shown as it was found, and not made smaller.
    phases = [phase for phase in Phase if phase is not Phase.shrink]
    run(Life, settings=settings(**bounds, phases=phases, suppress_health_check=list(HealthCheck)))
    with connect(world.stack.settings()) as client:
        verdict = verify(client, world.stack.settings(), 60.0, lambda _: None)
    assert verdict.differences == []
    assert verdict.cases >= len(Life.opened) > 50
