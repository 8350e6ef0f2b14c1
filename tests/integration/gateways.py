"""Gateways beside the world's, on the same broker, database and services, each with settings of its
own."""

import os
import sys
from contextlib import contextmanager
from subprocess import STDOUT

import psutil
import urllib3

from suishoupai.local.ports import free_port

from .conftest import ROOT, World, eventually

PROGRAM = """
import sys

sys.argv = ["run", "gateway"]
from suishoupai import run, connections, web
{patch}
run.main()
"""


class Gateway:
    """One process; ``patch`` is done to its modules before it starts."""

    request = World.request

    def __init__(self, world, folder, patch="", **settings):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"gateway-{self.port}.log"
        self.pool = urllib3.PoolManager(maxsize=16)
        changed = {f"SUISHOUPAI_{name.upper()}": str(value) for name, value in settings.items()}
        own = {"SUISHOUPAI_HTTP": f"127.0.0.1:{self.port}"}
        with self.log.open("ab") as out:
            self.process = psutil.Popen(
                [sys.executable, "-W", "ignore", "-c", PROGRAM.format(patch=patch)],
                cwd=ROOT,
                env=os.environ | world.stack.environment() | own | changed,
                stdout=out,
                stderr=STDOUT,
            )
        eventually(lambda: self.is_ready() or self.process.poll() is not None)
        assert self.process.poll() is None, self.log.read_text(encoding="utf-8")

    @property
    def stack(self):
        """What ``request`` asks for the address."""
        return self

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
def gateway(world, folder, patch="", **settings):
    """A gateway that is ended at the end, however that comes."""
    started = Gateway(world, folder, patch, **settings)
    try:
        yield started
    except BaseException:
        print(started.log.read_text(encoding="utf-8")[-5000:])
        raise
    finally:
        if started.process.poll() is None:
            started.process.kill()
        started.process.wait()
