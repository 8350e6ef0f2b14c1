"""What the services say to each other: events, questions (RPC methods), problems, words.

A change here is a change of contract: an event keeps its published versions for ever.
"""
