"""Gateways beside the world's, on the same services and database, each with settings of its own."""

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import urllib3

from suishoupai.local.ports import free_port

from .conftest import ROOT, World, eventually


@dataclass
class Gateway:
    """A gateway process, and where it is."""

    url: str
    port: int
    process: psutil.Process
    pool: urllib3.PoolManager
    log: Path

    request = World.request

    @property
    def stack(self):
        return self

    def answers(self):
        try:
            return urllib3.request("GET", f"{self.url}/healthz", retries=False).status == 200
        except urllib3.exceptions.HTTPError:
            return False


@contextmanager
def gateway(world, folder, patch="pass", **changed):
    """A gateway of the world's county with some variables changed, ended afterwards; ``patch`` is
    done to its modules before it starts."""
    settings, port = world.stack.settings(), free_port()
    peers = {f"SUISHOUPAI_{name.upper()}_URL": url for name, url in settings.peers.items()}
    environment = {
        **os.environ,
        **peers,
        "AMQP_URI": settings.amqp_uri,
        "MONGODB_URI": settings.mongodb_uri,
        "SUISHOUPAI_NAMESPACE": settings.namespace,
        "SUISHOUPAI_TOKEN_SECRET": settings.token_secret,
        "SUISHOUPAI_DEMO": "1",
        "SUISHOUPAI_HTTP": f"127.0.0.1:{port}",
        **{f"SUISHOUPAI_{name.upper()}": str(value) for name, value in changed.items()},
    }
    log = folder / f"gateway-{port}.log"
    program = f"from suishoupai import run, connections, web; {patch}; run.main()"
    command = [sys.executable, "-W", "ignore", "-c", program, "gateway"]
    with (
        log.open("wb") as file,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=file) as process,
    ):
        pool = urllib3.PoolManager(maxsize=16)
        started = Gateway(f"http://127.0.0.1:{port}", port, psutil.Process(process.pid), pool, log)
        try:
            eventually(started.answers)
            yield started
            assert process.poll() is None, log.read_text(encoding="utf-8")
        except BaseException:
            print(log.read_text(encoding="utf-8")[-5000:])
            raise
        finally:
            process.terminate()
            process.wait(timeout=30)
