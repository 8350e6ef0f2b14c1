"""How photos, exports, webhooks, the stream and Open311 are called."""

import io
from datetime import UTC, datetime
from urllib.parse import urlencode

from PIL import Image

from suishoupai import clock
from suishoupai.divisions import ancestry
from suishoupai.ids import new_id

from ..conftest import eventually
from .made import NOTHING, credentials, id_of, is_own, other, sent_by
from .recipes import Ask, recipe, version

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TUS = {"Tus-Resumable": "1.0.0"}


def picture() -> bytes:
    """A photo that nobody has sent yet."""
    out = io.BytesIO()
    Image.effect_noise((160, 120), 90).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def photo_of(scene, target):
    """A photo that a case shows: added to it, as its reporter's, where it came without."""
    issues = scene.world.database("issues")["issues"]
    shown = issues.find_one({"_id": target.id})["photos"]
    assert shown, "scene.py sends each case with a photo where there is sendPhoto"
    return shown[0].rpartition("/")[2]


@recipe("sendPhoto")
def send_photo(scene, target, caller):
    return Ask(data=picture(), headers={"Content-Type": "image/jpeg"})


@recipe("showPhoto", "showThumbnail")
def show_photo(scene, target, caller):
    return Ask(path={"photo": photo_of(scene, target)})


@recipe("beginUpload")
def begin_upload(scene, target, caller):
    return Ask(headers={**TUS, "Upload-Length": "1000"})


def upload(scene, target, caller):
    """An upload that was begun."""
    headers = {**credentials(scene, target, caller), **TUS, "Upload-Length": "1000"}
    begun = sent_by(scene, headers, "/api/v1/photos/uploads", b"")
    return {"upload": begun["location"].rpartition("/")[2] if begun else id_of(None)}


@recipe("readUpload", "endUpload")
def about_upload(scene, target, caller):
    return Ask(path=upload(scene, target, caller), headers=TUS)


@recipe("continueUpload")
def continue_upload(scene, target, caller):
    kind = {"Content-Type": "application/offset+octet-stream"}
    headers = {**TUS, **kind, "Upload-Offset": "0"}
    return Ask(path=upload(scene, target, caller), headers=headers, data=b"x" * 10)


@recipe("actOnIssues")
def act_on_all(scene, target, caller):
    action = {"issue": target.id, "action": "urge", "version": version(scene, target)}
    return Ask(json={"items": [action]}, single=True)


@recipe("exportIssues")
def export_now(scene, target, caller):
    return Ask(query={"format": "csv"})


@recipe("orderExport")
def order_export(scene, target, caller):
    _await_exports(scene)
    return Ask(json={"format": "csv"})


def export(scene, target, caller):
    """An export that was ordered and is done."""
    headers = credentials(scene, target, caller)
    ordered = sent_by(scene, headers, "/api/v1/exports", {"format": "csv"})
    _await_exports(scene)
    return {"export": id_of(ordered)}


def _await_exports(scene):
    """An account has few places for exports that are not done."""
    exports = scene.world.database("gateway")["exports"]
    eventually(lambda: not exports.find_one({"state": {"$in": ["waiting", "running"]}}))


@recipe("readExport", "readExportFile")
def about_export(scene, target, caller):
    key = ("export", is_own(scene, target, caller) and caller)
    if key not in scene.kept:
        scene.kept[key] = export(scene, target, caller)
    return Ask(path=scene.kept[key])


@recipe("removeExport")
def remove_export(scene, target, caller):
    return Ask(path=export(scene, target, caller))


@recipe("makeWebhook")
def make_webhook(scene, target, caller):
    """To this machine, which is refused: a test sends nothing to anybody outside."""
    return Ask(json={"url": "https://127.0.0.1/in", "division": target.community})


def webhook(scene, target, caller):
    """A webhook of the caller's, or of somebody in another town; switched off, so that nothing
    is sent, and written as it is kept, because its host need not be there."""
    own = is_own(scene, target, caller)
    code = target.community if own else scene.far.community
    row = {
        "_id": new_id(clock.now()),
        "owner": scene.callers.account(caller) if own else other(scene),
        "place": 1000 + scene.next(),
        "url": "https://hook.example.org/in",
        "host": "hook.example.org",
        "types": None,
        "description": "",
        "division": code,
        "divisions": ancestry(code),
        "secrets": [{"secret": f"whsec_{'0' * 32}", "until": None}],
        "created_at": clock.now(),
        "enabled": False,
        "disabled": None,
        "failing": {"tries": 0, "since": None},
        "due_at": datetime(9999, 1, 1, tzinfo=UTC),
        "stirs": 0,
        "held_until": clock.EPOCH,
        "claim": None,
        "version": 1,
    }
    scene.world.database("gateway")["webhooks"].insert_one(row)
    return row["_id"]


@recipe(
    "readWebhook",
    "deleteWebhook",
    "rotateWebhookSecret",
    "testWebhook",
    "listWebhookDeliveries",
)
def about_webhook(scene, target, caller):
    return Ask(path={"webhook": webhook(scene, target, caller)})


@recipe("changeWebhook")
def change_webhook(scene, target, caller):
    body = {"version": 1, "description": "值班"}
    return Ask(path={"webhook": webhook(scene, target, caller)}, json=body)


@recipe("replayWebhook")
def replay_webhook(scene, target, caller):
    path = {"webhook": webhook(scene, target, caller)}
    return Ask(path=path, json={"since": "2026-01-01T00:00:00Z"})


@recipe("replayWebhookDelivery")
def replay_delivery(scene, target, caller):
    """A delivery that is none: whose webhook it is, is looked at first."""
    return Ask(path={"webhook": webhook(scene, target, caller), "delivery": NOTHING})


@recipe("stream")
def listen(scene, target, caller):
    """From before the case was reported: everything about it is told again."""
    told = scene.world.database("gateway")["happenings"]
    first = eventually(lambda: told.find_one({"issue": target.id}, sort=[("_id", 1)]))
    return Ask(headers={"Last-Event-ID": str(first["_id"] - 1)})


@recipe("open311Discovery", "open311Services", "open311Updates")
def open311(scene, target, caller):
    return Ask(path={"format": "json"})


@recipe("open311Requests")
def open311_requests(scene, target, caller):
    return Ask(path={"format": "json"}, query={"service_request_id": target.number})


@recipe("open311ServiceDefinition")
def open311_definition(scene, target, caller):
    return Ask(path={"service": target.category, "format": "json"})


@recipe("open311Request")
def open311_request(scene, target, caller):
    return Ask(path={"number": target.number, "format": "json"})


@recipe("open311Token")
def open311_token(scene, target, caller):
    return Ask(path={"token": target.id, "format": "json"})


@recipe("open311PostRequest")
def open311_report(scene, target, caller):
    report = {
        "service_code": target.category,
        "lat": target.point[1],
        "long": target.point[0],
        "description": f"垃圾成堆 {scene.next()}",
    }
    return Ask(path={"format": "json"}, data=urlencode(report).encode(), headers=FORM)


@recipe("open311PostUpdate")
def open311_update(scene, target, caller):
    update = {
        "service_request_id": target.number,
        "update_id": scene.next(),
        "description": "还在那里",
        "status": "OPEN",
        "updated_datetime": "2026-11-25T08:00:00+08:00",
    }
    return Ask(path={"format": "json"}, data=urlencode(update).encode(), headers=FORM)
