"""Whether everything agrees with the cases, and making it agree.

``records`` is what the services say of each other's work, ``rooms`` asks them, ``comparison``
finds what differs, ``verify`` walks over all cases, ``rebuild`` makes the figures anew.
"""
