"""Things that callers make for themselves and that others must not get at."""

import json

NOTHING = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
"""The id of nothing: for a caller who may make none, and is refused before it is looked for."""


def is_own(scene, target, caller):
    """Whether it is the caller's own thing that is asked about, and not another's."""
    return target == scene.target(caller, "inside")


def other(scene):
    """The name of an account that dispatches in another town: whose things are others'."""
    name, code = "scope-other", scene.far.community
    if name not in scene.kept:
        scene.kept[name] = scene.world.account(name, "dispatcher", code, f"community-{code}")
    return name


def credentials(scene, target, caller):
    """Who makes the thing: the caller, or somebody else."""
    if is_own(scene, target, caller):
        return scene.callers.headers(caller)
    return {"Authorization": f"Bearer {scene.world.token(other(scene))}"}


def sent_by(scene, headers, path, body, kind="application/json"):
    """The answer to a thing that is sent, read as JSON; None when it is refused."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = scene.world.pool.request(
        "POST",
        scene.world.stack.url + path,
        body=data,
        headers={"Content-Type": kind, **headers},
        retries=False,
    )
    if response.status in (401, 403):
        return None
    assert response.status < 300, (path, response.status, response.data)
    return {"location": response.headers.get("Location"), **json.loads(response.data or b"{}")}


def made(scene, caller, path, body):
    """A thing that a caller makes who may."""
    thing = sent_by(scene, scene.callers.headers(caller), path, body)
    assert thing, f"{caller} may not POST {path}"
    return thing


def id_of(thing):
    """The id of a thing; of nothing for who could make none."""
    return thing["id"] if thing else NOTHING
