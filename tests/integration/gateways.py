"""More gateway processes beside the one of a stack, on the same broker and database."""

import os
import subprocess
import sys
from contextlib import contextmanager

import urllib3

from suishoupai.local.ports import free_port

from .conftest import ROOT, eventually

RUN = "import sys; sys.argv = ['run', 'gateway']; from suishoupai import run; run.main()"


class Gateway:
    """One process; ``program`` is run instead of the gateway's own main."""

    def __init__(self, world, log, program=RUN, **settings):
        address = f"127.0.0.1:{free_port()}"
        self.url, self.log = f"http://{address}", log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program],
                cwd=ROOT,
                env=os.environ
                | world.stack.environment()
                | {"SUISHOUPAI_HTTP": address}
                | {f"SUISHOUPAI_{name.upper()}": str(value) for name, value in settings.items()},
                stdout=out,
                stderr=out,
            )
        eventually(lambda: self.is_ready() or self.process.poll() is not None)
        assert self.process.poll() is None, log.read_text(encoding="utf-8")

    def is_ready(self):
        try:
            response = urllib3.request("GET", f"{self.url}/readyz", retries=False, timeout=10)
        except urllib3.exceptions.HTTPError:
            return False
        return response.status == 200 and response.json()["status"] == "ready"

    def metric(self, name):
        """The value of a metric without labels."""
        response = urllib3.request("GET", f"{self.url}/metrics", retries=False, timeout=30)
        lines = response.data.decode().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))

    def stop(self):
        """Ends it in good order, and gives its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=30)


@contextmanager
def gateway(world, log, program=RUN, **settings):
    """A gateway that is ended at the end, however that comes."""
    started = Gateway(world, log, program, **settings)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
        started.process.wait()
