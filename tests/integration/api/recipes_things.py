"""How photos, exports, webhooks, the stream and Open311 are called."""

import io
from urllib.parse import urlencode

from PIL import Image

from services.gateway.webhooks.messages import new_delivery, of_test
from services.gateway.webhooks.signing import new_secret
from services.gateway.webhooks.store import NEVER, NEW
from suishoupai import clock
from suishoupai.divisions import ancestry
from suishoupai.ids import new_id

from ..conftest import eventually
from .footprint import OPEN_JOBS
from .made import NOTHING, credentials, id_of, is_own, other, sent_by
from .recipes import Ask, aside, key, recipe, version

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
    return {"upload": begun["location"].rpartition("/")[2] if begun else NOTHING}


def lasting(scene, target, caller, make):
    """What is only looked at, made once for each caller; another's, once for all."""
    key = (make.__name__, caller if is_own(scene, target, caller) else "other")
    if key not in scene.kept:
        scene.kept[key] = make(scene, target, caller)
    return scene.kept[key]


def own_or_lasting(scene, target, caller, make):
    """What the caller does away with or changes, made each time; another's, once for all."""
    if is_own(scene, target, caller):
        return make(scene, target, caller)
    return lasting(scene, target, caller, make)


@recipe("readUpload")
def read_upload(scene, target, caller):
    return Ask(path=lasting(scene, target, caller, upload), headers=TUS)


@recipe("endUpload")
def end_upload(scene, target, caller):
    return Ask(path=own_or_lasting(scene, target, caller, upload), headers=TUS)


@recipe("continueUpload")
def continue_upload(scene, target, caller):
    kind = {"Content-Type": "application/offset+octet-stream"}
    headers = {**TUS, **kind, "Upload-Offset": "0"}
    path = own_or_lasting(scene, target, caller, upload)
    return Ask(path=path, headers=headers, data=b"x" * 10)


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
    """An export that was ordered."""
    headers = credentials(scene, target, caller)
    return {"export": id_of(sent_by(scene, headers, "/api/v1/exports", {"format": "csv"}))}


def _await_exports(scene):
    """An account has few places for exports that are not done."""
    exports = scene.world.database("gateway")["exports"]
    eventually(lambda: not exports.find_one(OPEN_JOBS, {"_id": 1}))


def export_done(scene, target, caller):
    """An export that is done, of all the cases of the scene."""
    path = lasting(scene, target, caller, export)
    _await_exports(scene)
    return path


@recipe("listExports")
def list_exports(scene, target, caller):
    path = lasting(scene, target, caller, export)
    return Ask(query={"limit": 200}, names=path["export"])


@recipe("readExport", "readExportFile")
def about_export(scene, target, caller):
    return Ask(path=export_done(scene, target, caller))


@recipe("removeExport")
def remove_export(scene, target, caller):
    """Done or not."""
    return Ask(path=own_or_lasting(scene, target, caller, export))


@recipe("makeWebhook")
def make_webhook(scene, target, caller):
    """To this machine, which is refused: a test sends nothing to anybody outside."""
    return Ask(json={"url": "https://127.0.0.1/in", "division": target.community})


def webhook(scene, target, caller):
    """A webhook about the community of a case: the caller's, or of somebody in another town.

    It is written as it is kept, because its host need not be there. It is on, hears of nothing, and
    another process seems to hold it for ever: nothing is sent to anybody.
    """
    own, at = is_own(scene, target, caller), clock.now()
    row = {
        "_id": new_id(at),
        "owner": scene.callers.account(caller) if own else other(scene),
        "place": 1000 + scene.next(),
        "url": "https://hook.example.org/in",
        "host": "hook.example.org",
        "types": [],
        "description": "",
        "division": target.community,
        "divisions": ancestry(target.community),
        "secrets": [{"secret": new_secret(), "until": None}],
        "created_at": at,
        **NEW,
        "held_until": NEVER,
        "claim": new_id(at),
    }
    scene.world.database("gateway")["webhooks"].insert_one(row)
    return row["_id"]


@recipe("listWebhooks")
def list_webhooks(scene, target, caller):
    return Ask(query={"limit": 200}, names=webhook(scene, target, caller))


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
    owned, at = webhook(scene, target, caller), clock.now()
    delivery = new_delivery(owned, of_test(owned, at), None, 0, at)
    scene.world.database("gateway")["webhook_deliveries"].insert_one(delivery)
    return Ask(path={"webhook": owned, "delivery": delivery["_id"]})


@recipe("stream")
def listen(scene, target, caller):
    """From before the first case was reported until something new of the caller's own case."""
    first = _told(scene, {"issue": scene.members.id})
    if "urged" not in scene.kept:
        scene.kept["urged"] = {
            case.id: _told(scene, {"issue": case.id, "version": _urged(scene, case)})
            for case in (scene.members, scene.residents)
        }
    until = scene.kept["urged"][scene.target(caller, "inside").id]
    return Ask(headers={"Last-Event-ID": str(first - 1)}, until=until)


def _urged(scene, case):
    admin = scene.callers.account("admin")
    return scene.world.done(case.id, "urge", admin, note="请尽快处理")["version"]


def _told(scene, what):
    """The number of the first event of a kind."""
    log = scene.world.database("gateway")["happenings"]
    return eventually(lambda: log.find_one(what, sort=[("_id", 1)]))["_id"]


@recipe("open311Discovery", "open311Services")
def open311(scene, target, caller):
    return Ask(path={"format": "json"})


@recipe("open311Requests", "open311Updates")
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
    longitude, latitude = aside(target)
    report = {
        "service_code": target.category,
        "lat": latitude,
        "long": longitude,
        "description": f"垃圾成堆 {scene.next()}",
    }
    data = urlencode(report).encode()
    return Ask(path={"format": "json"}, data=data, headers={**FORM, **key()})


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
