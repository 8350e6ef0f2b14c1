"""What becomes of one report, as chance and the habits of its people have it: what somebody does
next, and when. What is allowed and what follows is the services' own (``bench.walking``)."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from bench.county import DemoCounty
from bench.habits import CHANCES, LIGHT, RATED, SELF_HANDLED_OF_ALL, Temperaments
from bench.reports import Report
from bench.walking import Over, Walk
from services.issues.guards import is_barred

Document = dict[str, Any]

PHOTO = "https://photos.example/1.jpg"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SATISFACTION = {True: (1, 2, 9, 38, 50), False: (18, 22, 30, 20, 10)}
"""Whether it was solved → how often 1 to 5 is given."""


class Life:
    """The life of one case up to an instant."""

    def __init__(
        self,
        report: Report,
        county: DemoCounty,
        temperaments: Temperaments,
        chance: random.Random,
        until: datetime,
        double: Report | None = None,
    ) -> None:
        """``double``: the report that is merged into this case, if it is still open by then."""
        self.walk = Walk(report, county, chance, until, double)
        self._report, self._county, self._chance = report, county, chance
        self._temperaments = temperaments

    def live(self, is_merged: bool = False) -> None:
        """Everything that happens; ``is_merged``: whether its main case takes it in."""
        walk = self.walk
        try:
            walk.begin()
            if is_merged:
                self._merge()
            if walk.is_in("reported"):
                self._at_the_desk()
            self._before_a_party()
            while walk.is_in("dispatched"):
                self._with_a_party()
            if walk.is_in("closed"):
                self._rate()
        except Over:
            pass
        walk.let_happen(walk.until)

    def _merge(self) -> None:
        walk, report = self.walk, self._report
        if report.main is None or report.merged_at is None:
            raise ValueError(f"{report.number} is reported once")
        walk.wait_until(report.merged_at)
        walk.do("merge", "dispatcher", main=report.main.reference, reason="同一问题")
        if report.unmerged_at is None:
            raise Over
        walk.wait_until(report.unmerged_at)
        walk.do("unmerge", "dispatcher", reason="并非同一问题")

    def _at_the_desk(self) -> None:
        walk = self.walk
        if not self._report.patrol:
            self._verify()
        else:
            walk.wait(20)
            walk.do("accept", "dispatcher")
        if not walk.is_in("accepted"):
            return
        if walk.maybe(CHANCES.recategorised):
            self._recategorise()
        walk.wait(4)
        if walk.maybe(CHANCES.rejected_at_desk):
            walk.do("reject", "dispatcher", reason="不符合立案条件")
        elif walk.maybe(CHANCES.escalated):
            walk.do("escalate", "dispatcher", reason="超出社区能力", signed_by="社区负责人")
            walk.wait(240)
            party = self._proposed()
            walk.do("hand_down", "supervisor", party=party, reason="由责任单位处置")
        else:
            walk.do("file", "dispatcher")

    def _verify(self) -> None:
        """A resident's report is looked at on site first."""
        walk = self.walk
        walk.wait(25)
        if self._report.source == "resident" and walk.maybe(CHANCES.withdrawn):
            walk.do("withdraw", "reporter", reason="已经好了")
            return
        walk.do("verify", "dispatcher")
        walk.wait(50)
        if walk.maybe(CHANCES.rejected_unverified):
            walk.do("reject", "dispatcher", reason="现场未见")
        else:
            walk.do("accept", "dispatcher", note="现场属实")

    def _recategorise(self) -> None:
        """The desk sees that it is something else; the grid says anew whose it is."""
        walk, before = self.walk, self.walk.case["category"]
        codes = [
            code
            for code, row in self._county.categories.items()
            if code[:2] == before["code"][:2] and row["confidential"] == before["confidential"]
        ]
        row = self._county.categories[self._chance.choice(codes)]
        if row["code"] == before["code"]:
            return
        walk.do(
            "recategorise",
            "dispatcher",
            category=row["code"],
            reason="类别有误",
            row=row,
            emergency=self._county.danger.emergency("", row),
            before={name: before[name] for name in ("code", "name")},
        )
        walk.wait_until(walk.at + timedelta(seconds=1))
        walk.place()

    def _before_a_party(self) -> None:
        """What can be put right at once is; what is filed goes to its party."""
        walk = self.walk
        if not walk.is_in("filed", "dispatched"):
            return
        if self._is_handled_on_the_spot():
            minutes = self._chance.lognormvariate(2.3, 0.8)
            walk.wait_until(walk.at + timedelta(minutes=minutes))
            walk.do("self_handle", "reporter", photos=[PHOTO, PHOTO], note="已当场处置")
        elif walk.is_in("filed"):
            walk.wait(4)
            walk.do("dispatch", "dispatcher")

    def _is_handled_on_the_spot(self) -> bool:
        code: str = self.walk.case["category"]["code"]
        light = self._report.patrol and code.startswith(LIGHT)
        share = self._temperaments.community(self._report.place.community["code"]).self_handled
        return light and self.walk.maybe(share / SELF_HANDLED_OF_ALL)

    def _with_a_party(self) -> None:
        """From its dispatch until it is closed, or comes to nothing."""
        walk = self.walk
        if walk.maybe(CHANCES.remarked):
            walk.wait(15)
            walk.do("remark", "reporter", note="补充一张照片", photos=[PHOTO])
        if walk.maybe(CHANCES.returned):
            self._return()
        walk.wait(25, spread=1.0)
        if walk.maybe(CHANCES.voided):
            walk.do("void", "supervisor", reason="重复录入")
            return
        walk.do("take", "handler")
        if walk.maybe(CHANCES.suspension):
            self._suspend()
        elif walk.case["category"]["extensible"] and walk.maybe(CHANCES.extension):
            self._extend()
        self._handle()
        self._check()

    def _return(self) -> None:
        walk = self.walk
        walk.wait(30)
        walk.do("return", "handler", reason="不属于我单位", photos=[])
        walk.wait(20)
        place, responsible = self._report.place, walk.case["responsible"]
        other = self._county.another_party(place, responsible)
        refused = walk.maybe(CHANCES.return_refused)
        if refused or other is None or is_barred(walk.case, other):
            walk.do("refuse_return", "dispatcher", reason="仍由你单位处置")
        else:
            walk.do("redispatch", "dispatcher", party=other, reason="改由责任单位处置")

    def _proposed(self) -> Document:
        party: Document = self.walk.case["proposal"]["party"]
        return party

    def _suspend(self) -> None:
        """Engineering or season: the clock stands until a date (DOMAIN: suspend)."""
        walk = self.walk
        walk.wait(60)
        until = walk.at + self._chance.uniform(3, 45) * DAY
        until = until.replace(second=0, microsecond=0)
        walk.do("ask_suspension", "handler", reason="须待工程施工", until=until)
        walk.wait(90)
        if walk.maybe(CHANCES.suspension_refused):
            walk.do("refuse_suspension", "supervisor", reason="条件不足")
            return
        walk.do("suspend", "supervisor", reason="同意挂账", until=until)
        if walk.maybe(CHANCES.resumed_early):
            walk.wait_until(walk.at + (until - walk.at) * self._chance.random())
            walk.do("resume", "handler")
        else:
            walk.wait_until(until + timedelta(seconds=30))

    def _extend(self) -> None:
        walk = self.walk
        walk.wait(120)
        row = walk.case["category"]
        extension = {"number": row["limit"], "unit": row["limit_unit"]}
        walk.do("ask_extension", "handler", reason="材料未到", extension=extension)
        walk.wait(45)
        if walk.maybe(CHANCES.extension_refused):
            walk.do("refuse_extension", "dispatcher", reason="按原时限处置")
        else:
            walk.do("grant_extension", "dispatcher", extension=extension)

    def _handle(self) -> None:
        """The party does it, in time or not, as it is wont to."""
        walk = self.walk
        manner = self._temperaments.party(walk.case["responsible"]["id"])
        due = walk.case["bundled_due_at"]
        left = walk.left(due)
        if left and walk.maybe(manner.on_time):
            used = self._chance.betavariate(1.5 * manner.haste, 3)
            walk.wait_until(walk.later(walk.at, left * used))
        else:
            self._be_late(due)
        walk.do("feed_back", "handler", note="已处置", photos=[PHOTO])

    def _be_late(self, due: datetime | None) -> None:
        walk = self.walk
        hours = self._chance.lognormvariate(1.3, 1.1)
        if walk.maybe(CHANCES.very_late):
            hours += self._chance.uniform(8, 150)
        last = walk.later(max(walk.at, due or walk.at), hours * HOUR)
        for action, role, share in (
            ("urge", "reporter", CHANCES.urged),
            ("supervise", "supervisor", CHANCES.supervised),
        ):
            if walk.maybe(share):
                walk.wait_until(walk.at + (last - walk.at) * self._chance.uniform(0.5, 0.99))
                walk.do(action, role, reason="请尽快处置")
        walk.wait_until(last)

    def _check(self) -> None:
        """What was fed back is looked at; once it may have to be done again (返工)."""
        walk = self.walk
        manner = self._temperaments.party(walk.case["responsible"]["id"])
        walk.wait(40)
        by_member = self._report.patrol and walk.maybe(CHANCES.checked_by_member)
        walk.do("check", "reporter" if by_member else "dispatcher", note="已到现场")
        if not walk.case["reworks"] and walk.maybe(manner.rework):
            walk.do("rework", "dispatcher", reason="未处置到位")
            self._handle()
            walk.wait(40)
            walk.do("check", "dispatcher", note="复查")
        walk.wait(3)
        walk.do("close", "dispatcher")

    def _rate(self) -> None:
        """Its reporter says whether it is solved: it is opened again, or rated, or neither."""
        walk, source = self.walk, self._report.source
        if source == "resident" and not walk.case["reopens"] and walk.maybe(CHANCES.reopened):
            walk.wait_until(walk.at + self._chance.uniform(0.05, 5) * DAY)
            walk.do("reopen", "reporter", reason="未解决", photos=[])
            walk.wait(30)
            walk.do("dispatch", "dispatcher", party=self._proposed(), reason="重新处置")
            self._with_a_party()
            if not walk.is_in("closed"):
                return
        if walk.maybe(RATED[source]):
            walk.wait_until(walk.at + self._chance.lognormvariate(-0.7, 1.2) * DAY)
            solved = walk.maybe(0.97 if walk.case.get("on_time") is not False else 0.85)
            (given,) = self._chance.choices(range(1, 6), SATISFACTION[solved])
            walk.do("rate", "reporter", solved=solved, satisfaction=given)
