"""What a database is asked, and what it does for it."""

import uuid
from contextlib import contextmanager

from pymongo import MongoClient, monitoring


class Recorder(monitoring.CommandListener):
    """The reads that a client sent since it was asked last."""

    def __init__(self):
        self.commands = []

    def started(self, event):
        if event.command_name in ("aggregate", "find"):
            self.commands.append(dict(event.command))

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass

    def take(self):
        taken, self.commands = self.commands, []
        return taken


@contextmanager
def recorded_database(world, recorder):
    """A database of its own beside the stack's, gone afterwards."""
    uri, name = world.stack.settings().mongodb_uri, f"recorded_{uuid.uuid4().hex}"
    with MongoClient(uri, tz_aware=True, w="majority", event_listeners=[recorder]) as client:
        yield client[name]
        client.drop_database(name)
