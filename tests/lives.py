"""Lives of a case in which everything happens that can happen to one."""

from .walk import DEPARTMENT, PROPERTY, ROW, SLOW_ROW, Walk, assignment

OTHER = {**SLOW_ROW, "code": "06011", "name": "积存垃圾渣土", "row": "06011@2026-01-01"}
BY_ITSELF = {**ROW, "auto_dispatch": "always"}


def lives():
    """Walks that have ended; together their events are of every type there is."""
    return [
        _long_life(),
        _late(),
        Walk(patrol=False).do("verify").do("reject"),
        Walk().do("withdraw", "reporter"),
        Walk().do("self_handle", "reporter"),
        Walk().do("accept").do("escalate").do("hand_down", "supervisor").do("void", "admin"),
        Walk(BY_ITSELF).do("merge").do("unmerge"),
        Walk(BY_ITSELF).do("absorb", "system").do("release", "system"),
    ]


def _long_life():
    walk = Walk(SLOW_ROW).do("accept").do("file").do("dispatch", party=PROPERTY)
    walk.pass_by(hours=1).do("return", "handler").do("refuse_return").do("return", "handler")
    walk.do("redispatch", party=DEPARTMENT).do("recall").do("dispatch", party=PROPERTY)
    walk.do("take", "handler").pass_by(hours=3)
    walk.do("ask_extension", "handler").do("grant_extension")
    walk.do("ask_extension", "handler").do("refuse_extension")
    walk.do("ask_suspension", "handler").do("refuse_suspension", "supervisor")
    walk.do("suspend", "supervisor").do("resume")
    walk.do("recategorise", row=OTHER, category=OTHER["code"])
    walk.assign(assignment(sequence=walk.case["version"]))
    walk.do("remark", "reporter").do("urge", "reporter").do("supervise", "supervisor")
    walk.do("feed_back", "handler").do("check").do("rework").do("feed_back", "handler")
    walk.do("check").do("close").do("reopen", "reporter").do("dispatch", party=PROPERTY)
    walk.do("take", "handler").do("feed_back", "handler").do("check").do("close")
    return walk.do("rate", "reporter")


def _late():
    return Walk(BY_ITSELF).ring().ring().ring().ring()
