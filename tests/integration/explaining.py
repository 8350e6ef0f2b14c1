"""What a database is asked, and what it does for it."""

import uuid
from contextlib import contextmanager

from hypothesis import HealthCheck, Phase, settings
from pymongo import MongoClient, monitoring

# Each example takes a real database: a failure is shown as it was found, and not made smaller.
on_a_database = settings(
    max_examples=12,
    deadline=None,
    phases=[phase for phase in Phase if phase is not Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


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


def explained(database, command):
    """What the server did for a command: index scans and how much was looked at."""
    kept = {k: v for k, v in command.items() if not k.startswith("$") and k not in ("lsid",)}
    plan = database.command("explain", kept, verbosity="executionStats")
    while "stages" in plan:
        plan = plan["stages"][0]["$cursor"]
    assert "COLLSCAN" not in str(plan)
    assert "IXSCAN" in str(plan)
    return plan["executionStats"]
