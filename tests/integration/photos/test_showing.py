"""Photos are shown to who sent them and to whoever sees a case with them, and to nobody else."""

from services.issues.store import IssueStore
from suishoupai.access import Reach

from ..conftest import eventually
from .pictures import BY_ITSELF, NOBODYS, shown


def test_a_photo_is_shown_to_whoever_sees_a_case_with_it(world, people, sent, reported):
    photo = sent(account=people.resident)
    for who in (people.admin, people.dispatcher, people.handler):
        assert shown(world, photo["url"], who).status_code == 404
    reported(photo["url"], account=people.resident)
    sees = (people.resident, people.dispatcher, people.supervisor, people.town, people.admin)
    for url in (photo["url"], photo["thumbnail_url"]):
        for who in sees:
            assert shown(world, url, who).status_code == 200, who
        for who in (people.neighbour, people.elsewhere, people.stranger, people.market, "member"):
            assert shown(world, url, who).status_code == 404, who
        assert shown(world, url).status_code == 401


def test_the_party_of_a_case_sees_its_photos_and_not_who_sent_them(world, people, sent, reported):
    photo = sent(account="member")
    issue = reported(photo["url"], category=BY_ITSELF)
    party = eventually(lambda: world.case(issue)["responsible"])
    handler = world.account("party-handler", "handler", party=party["id"])
    answer = shown(world, photo["url"], handler)
    assert answer.status_code == 200
    assert "member" not in str(answer.headers)
    assert shown(world, photo["url"], people.stranger).status_code == 404
    mine = sent(account=handler)
    assert shown(world, mine["url"], people.dispatcher).status_code == 404
    version = world.case(issue)["version"]
    world.done(issue, "take", handler, version=version)
    world.done(issue, "feed_back", handler, note="已清运", photos=[mine["url"]])
    for who in ("member", people.dispatcher, people.admin):
        assert shown(world, mine["url"], who).status_code == 200, who
    assert shown(world, mine["url"], people.neighbour).status_code == 404


def test_a_photo_may_be_kept_by_who_saw_it(world, sent):
    photo = sent()
    answer = shown(world, photo["url"], "member")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"] == f'inline; filename="{photo["id"]}.jpg"'
    assert int(answer.headers["Content-Length"]) == len(answer.content) == photo["bytes"]
    tag = answer.headers["ETag"]
    assert not tag.startswith("W/")
    for condition in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = shown(world, photo["url"], "member", If_None_Match=condition)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert shown(world, photo["url"], "member", If_None_Match='"other"').status_code == 200
    small = shown(world, photo["thumbnail_url"], "member", If_None_Match=tag)
    assert small.status_code == 200 and small.headers["ETag"] != tag
    head = shown(world, photo["url"], "member", method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(photo["bytes"])


def test_a_photo_is_found_by_an_index(world, sent, reported):
    photo = sent()
    reported(photo["url"])
    store = IssueStore(world.database("issues"))
    store.issues = Explained(store.issues)
    assert store.shows_photo(photo["url"], Reach())
    assert not store.shows_photo(photo["url"], Reach(party="nobody"))
    (plan, again) = store.issues.plans
    assert plan == again
    assert "COLLSCAN" not in plan and "photos_1" in plan and "history.given.photos_1" in plan


class Explained:
    """The cases, with what the database says of how it looks them up."""

    def __init__(self, issues):
        self.issues = issues
        self.find_one = issues.find_one
        self.plans = []

    def find(self, query, fields):
        found = self.issues.find(query, fields)
        self.plans.append(str(found.explain()["queryPlanner"]["winningPlan"]))
        return found


def test_who_may_not_see_a_photo_learns_nothing_from_a_condition(world, people, sent):
    photo = sent()
    tag = shown(world, photo["url"], "member").headers["ETag"]
    answer = shown(world, photo["url"], people.neighbour, If_None_Match=tag)
    nothing = shown(world, NOBODYS, people.neighbour)
    assert answer.status_code == nothing.status_code == 404
    assert answer.json()["type"] == nothing.json()["type"]
