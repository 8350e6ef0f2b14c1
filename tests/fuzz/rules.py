"""Why a request that fits the API's description may still be refused: what no schema can say.

One line per operation and field; ``*`` stands for every operation. A refusal for another reason
means that the description promises what the program does not keep: mend one of them.
"""

OF_OPEN311 = {
    "service_request_id": "at most so many at once",
    "status": "open or closed, whatever their case",
    "page": "a number, and not too far on",
    "page_size": "a number",
    "start_date": "not too far from the end",
    "end_date": "not before the start, not too far from it",
    "updated_after": "in years that are dates everywhere",
    "updated_before": "in years that are dates everywhere",
    "updated_datetime": "in years that are dates everywhere",
    "lat": "degrees, which a form says in text",
    "lat, long": "lies in the county",
    "long": "degrees, which a form says in text",
    "media_url": "an address by which something can be fetched",
    "media": "as many as a case has",
    "description": "something to read",
    "service_code": "something to read",
    "update_id": "something to read, that said nothing else before",
}
"""The parameters of Open311 are text, as its clients send them; what is in it, no schema says."""

OF_BINDING = {
    "username": "not one of the names that are not for people",
    "division": "where a role needs it, and only there",
    "party": "where a role needs it, and only there",
    "member": "where a role needs it, and only there",
}
OF_SPAN = {
    "from": "not in the future, not ten years before to",
    "to": "is after from",
    "cut": "of members within a community only",
    "value": "of the cut that is named",
    "cursor": "next of an answer",
}
OF_VALUE = {**OF_SPAN, "value": "there is one where there is a cut, and only there"}
OF_RANKING = {
    "from": OF_SPAN["from"],
    "to": OF_SPAN["to"],
    "division": "is one in which such units are ranked",
    "score": "is in force on the last day",
}
OF_VALUE = {**OF_SPAN, "value": "there is one where there is a cut, and only there"}
OF_PROGRAM = {
    "division": "lies within the county",
    "expires_at": "lies in the future",
}

ALSO_ALLOWED = {
    "actOnIssues": "GET of that address asks for the case called actions",
    "invite": "GET and PATCH of that address are about the account called invitations",
}
"""Operation id → why its address answers another method, which is described elsewhere."""

RULES = {
    "*": {
        "Idempotency-Key": "a header of blanks arrives empty",
    },
    "reportIssue": {
        "category": "is in the catalogue of today",
        "location": "lies in the county",
        "observed_at": "does not lie in the future",
        "photos": "an address by which something can be fetched",
    },
    "findNearbyIssues": {
        "category": "is in the catalogue of today",
        "location": "lies in the county",
    },
    "actOnIssue": {
        "version": "here or as If-Match",
        "category": "is in the catalogue of today",
        "extension": "only what the catalogue allows to be extended",
        "main": "is another open case",
        "outcome": "only where the action takes it",
        "party": "is a party that may have the case",
        "photos": "an address by which something can be fetched; as many as the action needs",
        "reason": "only where the action needs it",
        "note": "only where the action needs it",
        "satisfaction": "only where the action needs it",
        "signed_by": "only where the action needs it",
        "solved": "only where the action needs it",
        "until": "lies in the future, where the action takes it",
    },
    "markNoticesRead": {
        "ids": "either these or until",
    },
    "chooseNotifications": {
        "channels": "are channels that are set up, with addresses they can use",
        "quiet": "begins and ends at different times",
    },
    "findGridAt": {"location": "lies in the county"},
    "explainRouting": {
        "location": "lies in the county",
        "category": "is in the catalogue of today",
        "on": "is a day that the catalogue knows",
    },
    "makeWebhook": {
        "url": "names a host that can be reached",
        "division": "lies within the owner's",
    },
    "changeWebhook": {
        "url": "names a host that can be reached",
        "division": "lies within the owner's",
        "enabled": "only for an owner who may have one",
    },
    "changeMyPassword": {"new": "none of those that are guessed first"},
    "acceptInvitation": {"password": "none of those that are guessed first"},
    "invite": OF_BINDING,
    "changeAccount": OF_BINDING,
    "makeProgram": OF_PROGRAM,
    "changeProgram": OF_PROGRAM,
    "open311Requests": OF_OPEN311,
    "open311Updates": OF_OPEN311,
    "open311PostRequest": OF_OPEN311,
    "open311PostUpdate": OF_OPEN311,
    "stream": {"figures": "of which division, where types asks for figures"},
    "readSummary": {"to": "is after from"},
    "readIndicators": OF_SPAN,
    "explainIndicator": OF_SPAN,
    "exportIndicatorCases": OF_SPAN,
    "readRankings": OF_RANKING,
    "readHeat": {
        **OF_SPAN,
        "box": "west before east, south before north, within the world",
        "zoom": "not too near for the box",
    },
    "readRepeatPlaces": {"to": "of the whole county not in the past"},
    "readTrend": {**OF_VALUE, "period": "not too fine a cut of the span"},
    "readComparison": {**OF_VALUE, "from": "not before there is something to compare with"},
    "readFunnel": OF_VALUE,
    "readAgeing": OF_VALUE,
    "readTop": {
        **OF_VALUE,
        "by": "members within a community only, divisions where some lie below",
        "cut": "with by=division only",
        "set": "is one of the sets there are, and kept in that cut",
    },
    "orderReport": {
        "division": "is a county, town or community that there is",
        "month": "has begun",
    },
    "chooseReports": {"divisions": "are counties, towns or communities that there are"},
}
"""Operation id → field (without positions in lists) → the rule."""

OF_STATE = {
    "gone",
    "key-reused",
    "not-now",
    "precondition-failed",
    "second-factor",
    "stale",
    "taken",
    "unusable-photo",
    "wrong-credentials",
    "wrong-offset",
}
"""Problems that say what the state of things does not allow, whatever the shape of the request."""


def is_meant(operation, problem):
    """Whether a well-formed request may be refused with this problem."""
    code = str(problem.get("type", "")).rpartition(":")[2]
    if code in OF_STATE:
        return True
    known = {**RULES["*"], **RULES.get(operation, {})}
    fields = [_plain(error["field"]) for error in problem.get("errors", ())]
    if code == "missing-header":
        fields = [name for name in known if name in str(problem.get("detail"))]
    return bool(fields) and all(_is_ruled(field, known) for field in fields)


def _plain(field):
    """``photos.0`` → ``photos``: the position in a list is no name."""
    return ".".join(part for part in field.split(".") if not part.isdigit())


def _is_ruled(field, known):
    """A rule about an object is about all that is in it."""
    parts = field.split(".")
    return any(".".join(parts[:length]) in known for length in range(1, len(parts) + 1))
