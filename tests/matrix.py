"""Who may do what in which state: written by hand from DOMAIN, to hold the table against."""

from suishoupai.contracts.words import STATES

LETTERS = {
    "R": "reporter",
    "H": "handler",
    "D": "dispatcher",
    "S": "supervisor",
    "A": "admin",
    "*": "system",
}

MATRIX = """
verify             reported:DSA
accept             reported:DSA verifying:DSA
reject             reported:DSA verifying:DSA accepted:DSA
withdraw           reported:R
file               accepted:DSA
self_handle        reported:RDSA accepted:RDSA filed:RDSA dispatched:RDSA
dispatch           reported:* filed:DSA reopened:DSA
return             dispatched:H
refuse_return      returned:DSA
redispatch         returned:DSA
recall             dispatched:DSA* handling:DSA* extension_asked:DSA* suspension_asked:DSA*
recall             suspended:DSA* returned:* checking:*
escalate           accepted:D filed:D returned:D reopened:D
hand_down          escalated:SA
take               dispatched:H
ask_extension      handling:H
grant_extension    extension_asked:DSA
refuse_extension   extension_asked:DSA
ask_suspension     handling:HDSA
refuse_suspension  suspension_asked:SA
suspend            handling:SA suspension_asked:SA
resume             suspended:HDSA*
feed_back          handling:H extension_asked:H suspension_asked:H
check              checking:RDSA
rework             checking:DSA
close              checking:DSA
rate               closed:R
reopen             closed:R
merge              reported:DSA verifying:DSA accepted:DSA filed:DSA dispatched:DSA
merge              handling:DSA extension_asked:DSA suspension_asked:DSA
unmerge            merged:DSA
remark             closed:RHDSA
urge               dispatched:RDSA handling:RDSA extension_asked:RDSA suspension_asked:RDSA
urge               returned:RDSA checking:RDSA
supervise          dispatched:SA handling:SA extension_asked:SA suspension_asked:SA
supervise          returned:SA checking:SA
due_soon           verifying:* dispatched:* handling:* extension_asked:* suspension_asked:*
due_soon           checking:*
overdue            verifying:* dispatched:* handling:* extension_asked:* suspension_asked:*
overdue            checking:*
write_notice       dispatched:* handling:* extension_asked:* suspension_asked:*
circulate          dispatched:* handling:* extension_asked:* suspension_asked:*
"""
"""Action, then the states it is possible in and who may do it there."""

ENDED = ("closed", "rated", "rejected", "withdrawn", "merged", "void")
OPEN = tuple(state for state in STATES if state not in ENDED)

EVERYWHERE = {
    "place": (STATES, "*"),
    "release": (STATES, "*"),
    "absorb": (OPEN, "*"),
    "recategorise": (OPEN, "DSA"),
    "remark": (OPEN, "RHDSA"),
    "void": ((*OPEN, "closed"), "SA"),
}


def expected():
    """(action, state) → roles."""
    found = {
        (action, state): {LETTERS[letter] for letter in letters}
        for action, (states, letters) in EVERYWHERE.items()
        for state in states
    }
    for line in MATRIX.split("\n"):
        action, *cells = line.split() or [""]
        for cell in cells:
            state, letters = cell.split(":")
            found[action, state] = {LETTERS[letter] for letter in letters}
    return found


EXPECTED = expected()
