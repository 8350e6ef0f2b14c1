"""A second set of the services beside those of a stack, on the same broker and database."""

import os
import subprocess
import sys

from suishoupai.local.ports import HOST, free_port
from suishoupai.local.services import service
from suishoupai.settings import SERVICES


class Replica:
    """One more process of a service."""

    def __init__(self, name, port, environment, log):
        self.name = name
        self.url = f"http://{HOST}:{port}"
        self._environment = environment | {"SUISHOUPAI_HTTP": f"{HOST}:{port}"}
        self._log = log
        self.not_up = service(name, port).not_up
        self.start()

    def start(self):
        """Starts it."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "suishoupai.run", self.name],
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def kill_and_start(self):
        """Ends it with -9 and starts it again."""
        self._process.kill()
        self._process.wait()
        self.start()

    def stop(self):
        """Ends it in good order."""
        self._process.terminate()
        self._process.wait(timeout=60)


def second_set(stack):
    """A second process of each service; the second gateway asks only those of its own set."""
    ports = {name: free_port() for name in SERVICES}
    urls = {f"SUISHOUPAI_{n.upper()}_URL": f"http://{HOST}:{p}" for n, p in ports.items()}
    environment = dict(os.environ) | stack.environment() | urls
    logs = stack.folder / "logs"
    return [Replica(n, ports[n], environment, logs / f"{n}-second.log") for n in SERVICES]
