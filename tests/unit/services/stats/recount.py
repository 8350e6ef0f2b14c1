"""Where a case counts, recounted slowly from its history: shares no line with what stats does."""


def entries(case, *actions):
    return [entry for entry in case["history"] if entry["action"] in actions]


def obvious(walk):
    """Mark → instant, from the case as its service keeps it and from nothing that stats does; that
    a party was told is not in it."""
    case, history = walk.case, walk.case["history"]
    found = {"reported/reported": case["reported_at"]}
    unfiled = ("reported", "verifying", "accepted", "rejected", "withdrawn", "merged", "void")
    if any(entry["to"] not in unfiled for entry in history):
        found["reported/filed"] = case["reported_at"]
    dispatches = entries(case, "dispatch", "redispatch", "hand_down")
    if dispatches:
        at = dispatches[0]["at"]
        found["dispatched/dispatched"] = at
        if not any(
            entry["from"] == "returned" and entry["action"] in ("redispatch", "escalate")
            for entry in history
        ):
            found["dispatched/rightly_dispatched"] = at
        taken = entries(case, "take")
        if taken and (taken[0]["at"] - at).total_seconds() <= 24 * 3600:
            found["dispatched/contacted_in_time"] = at
    if case["state"] not in ("merged", "void", "withdrawn", "rejected", "suspended"):
        if dispatches:
            found |= obvious_disposal(walk)
        found |= obvious_closing(walk)
    found |= obvious_progress(case)
    if case["state"] == "rated":
        at, rating = entries(case, "rate")[0]["at"], case["rating"]
        found["rated/rated"] = at
        if rating["solved"]:
            found["rated/solved"] = at
        if rating["satisfaction"] in (4, 5):
            found["rated/satisfied"] = at
    return found


def handling(walk):
    """When it was handled for good, whether in time, and the limit that held; None each if not."""
    done = ("checking", "closed", "rated")
    states = [version["state"] for version in walk.versions]
    if states[-1] not in done:
        return None, None, walk.case.get("bundled_due_at")
    begun = len(states)
    while states[begun - 1] in done:
        begun -= 1
    limit = walk.versions[begun - 1].get("bundled_due_at")
    last = [
        entry
        for entry in walk.case["history"][begun:]
        if entry["action"] in ("feed_back", "self_handle")
    ][-1]
    if last["action"] == "feed_back":
        return last["at"], walk.case["on_time"], limit
    return last["at"], not (limit and last["at"] > limit), limit


def obvious_disposal(walk):
    handled, on_time, limit = handling(walk)
    at = handled if handled and (on_time or not limit) else limit
    if at is None:
        return {}
    names = ["should_be_handled", "handled" if handled else "overdue_unhandled"]
    names += ["near_limit"] if not handled and rang_due_soon(walk.case) else []
    names += ["handled_on_time"] if on_time else []
    names += ["extended"] if walk.case["extensions"] else []
    return {f"disposal/{name}": at for name in names}


def obvious_closing(walk):
    case = walk.case
    _, on_time, limit = handling(walk)
    closed = case["closed_at"] if case["state"] in ("closed", "rated") else None
    at = closed if closed and not (limit and closed > limit) else limit
    if at is None:
        return {}
    names = ["should_be_closed"]
    names += ["reworked"] if case["reworks"] else []
    if closed:
        names += ["closed"]
        names += ["closed_on_time"] if on_time else []
        last = entries(case, "close", "self_handle")[-1]
        names += ["self_handled"] if last["action"] == "self_handle" else []
    return {f"closing/{name}": at for name in names}


def rang_due_soon(case):
    """Whether it was said to be due soon after its limit was last set."""
    anew = ("dispatch", "redispatch", "hand_down", "grant_extension", "recategorise")
    actions = [entry["action"] for entry in case["history"]]
    begun = max((place for place, action in enumerate(actions) if action in anew), default=0)
    return "due_soon" in actions[begun:]


def obvious_progress(case):
    """Where a case is, when it was filed and closed, and how far it got."""
    history, reported = case["history"], case["reported_at"]
    found = {f"standing/now_{case['state']}": reported}
    if case["state"] not in ("closed", "rated", "rejected", "withdrawn", "merged", "void"):
        found["reported/open"] = reported
    unfiled = ("reported", "verifying", "accepted", "rejected", "withdrawn", "merged", "void")
    if case["responsible"]:
        found["reported/assigned"] = reported
    if filed := [entry["at"] for entry in history if entry["to"] not in unfiled]:
        found["filing/filings"] = filed[0]
    closed = case["state"] in ("closed", "rated")
    if closed:
        found["closure/closures"] = case["closed_at"]
    handled = case["state"] in ("checking", "closed", "rated")
    contacted = handled or entries(case, "take")
    if filed and (contacted or entries(case, "dispatch", "redispatch", "hand_down")):
        got = ["dispatched"]
        got += ["contacted"] if contacted else []
        got += ["handled"] if handled else []
        got += ["closed"] if closed else []
        got += ["rated"] if case["state"] == "rated" else []
        found |= {f"reported/got_{name}": reported for name in got}
    return found
