"""What is asked of accounts, as a phone or an admin's page would ask it."""

import json
import os
import subprocess
import sys
import uuid

import pyotp

from suishoupai.settings import ROOT

from ..conftest import PASSWORD

GOOD = "correct horse battery"
BETTER = "staple of another horse"
COUNTY, TOWN, ELSEWHERE = "341324", "341324001", "341324101"
COMMUNITY = "341324001001"


def post(world, path, body, token=None, method="POST"):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers["Content-Type"] = "application/json"
    return world.request(method, f"/api/v1{path}", body=json.dumps(body), headers=headers)


def login(world, username, password=PASSWORD, code=""):
    body = {"username": username, "password": password}
    return post(world, "/login", {**body, "code": code} if code else body)


def logged_in(world, username, password=PASSWORD, code=""):
    answer = login(world, username, password, code)
    assert answer.status == 200, answer
    return answer.body


def refresh(world, tokens):
    return post(world, "/token/refresh", {"refresh_token": tokens["refresh_token"]})


def works(world, tokens):
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    status = world.request("GET", "/api/v1/me", headers=headers).status
    assert status in (200, 401)
    return status == 200


def audited(world, **fields):
    return list(world.database("gateway")["audit"].find(fields).sort("_id", 1))


def problem(answer):
    return answer.status, answer.body["type"].rpartition(":")[2]


def change(world, by, username, **given):
    return world.request("PATCH", f"/api/v1/accounts/{username}", by, json=given)


def disable(world, name, account="admin", **more):
    version = world.request("GET", f"/api/v1/accounts/{name}", account).body["version"]
    body = {"version": version, "disabled": True, **more}
    return world.request("PATCH", f"/api/v1/accounts/{name}", account, json=body)


def invite(world, account, username, **given):
    return world.request(
        "POST", "/api/v1/accounts/invitations", account, json={"username": username, **given}
    )


def accept(world, token, password=GOOD):
    return post(world, "/invitations/accept", {"token": token, "password": password})


def new_name():
    return f"new-{uuid.uuid4().hex[:8]}"


def second_factor(world, name):
    """Turns it on; the authenticator, the time steps it has shown, and the recovery codes."""
    token = logged_in(world, name)["access_token"]
    begun = post(world, "/me/totp", {"password": PASSWORD}, token).body
    authenticator = pyotp.parse_uri(begun["uri"])
    assert authenticator.secret == begun["secret"] and authenticator.name == name
    answer = post(world, "/me/totp/confirm", {"code": authenticator.now()}, token)
    assert answer.status == 200, answer
    return authenticator, answer.body["recovery_codes"], token


def cli(world, *arguments, text=None):
    settings = world.stack.settings()
    environment = {
        **os.environ,
        "MONGODB_URI": settings.mongodb_uri,
        "SUISHOUPAI_NAMESPACE": settings.namespace,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "COLUMNS": "200",
    }
    return subprocess.run(
        [sys.executable, "-m", "suishoupai.cli", "admin", *arguments],
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
