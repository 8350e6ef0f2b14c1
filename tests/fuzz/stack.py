"""A running stack with some cases in it, for whatever is sent at it."""

from ..integration.conftest import World, own_stack, place_in, report_body

CASES = 4


def new_world(folder):
    """A stack that is not started yet."""
    return World(own_stack(folder))


def filled(world):
    """The world with cases of several reporters, dispatched and not."""
    _, inside = place_in("compounds.geojson", lambda properties: True)
    _, outside = place_in("grids.geojson", lambda properties: not properties["urban"])
    for number in range(CASES):
        for reporter in ("member", "resident"):
            body = report_body((inside, outside)[number % 2])
            answer = world.report(body, f"fuzz-{number}", reporter)
            assert answer.status == 201, answer
            world.placed(answer.body["id"])
    return world
