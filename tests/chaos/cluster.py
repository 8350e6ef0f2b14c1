"""Three RabbitMQ nodes on this machine: own names, ports and folders, one cluster."""

import json
import os
import secrets
import signal
import subprocess
from dataclasses import replace

from suishoupai.local import broker
from suishoupai.local.ports import free_port

from ..integration.conftest import eventually

NODES = 3
DISCOVERY = "cluster_formation.peer_discovery_backend = classic_config\n"
CONTROL = "/usr/lib/rabbitmq/bin/rabbitmqctl"


class Cluster:
    """Started at once, ended with ``down``; a node that was killed can be started again."""

    def __init__(self, folder):
        self._password, self._stack = secrets.token_hex(8), secrets.token_hex(3)
        epmd_port, cookie = free_port(), secrets.token_hex(10)
        self.ports = [free_port() for _ in range(NODES)]
        self.names = [f"suishoupai-{self._stack}-{n}@localhost" for n in range(NODES)]
        self._processes, self._programs = {}, []
        for n, port in enumerate(self.ports):
            home = folder / str(n)
            epmd, node = broker.own_node(
                home, f"{self._stack}-{n}", port, free_port(), epmd_port, self._password
            )
            self._join(home / "rabbitmq", cookie)
            self._programs.append(node)
        self._log = (folder / "cluster.log").open("ab")
        self._epmd = self._run(epmd)
        eventually(lambda: epmd.not_up() is None)
        for n in range(NODES):
            self.start(n)
        eventually(lambda: self.running() == NODES, 90)

    @property
    def uri(self):
        """Address of all nodes, tried one after the other."""
        return ";".join(broker.node_uri(port, self._password) for port in self.ports)

    def start(self, n):
        """Starts one node and waits until it answers."""
        self._processes[n] = self._run(self._programs[n])
        eventually(lambda: self._programs[n].not_up() is None, 90)

    def kill(self, n):
        """Ends one node with -9."""
        os.killpg(self._processes[n].pid, signal.SIGKILL)
        self._processes[n].wait()

    def leader(self, queue):
        """Number of the node that leads a queue."""
        rows = self._control("list_queues", "name", "leader")
        return self.names.index(next(row["leader"] for row in rows if row["name"] == queue))

    def members(self, queue):
        """On how many nodes a queue lies."""
        rows = self._control("list_queues", "name", "members")
        return len(next(row["members"] for row in rows if row["name"] == queue))

    def running(self):
        """How many nodes have found each other."""
        return len(self._control("cluster_status")["running_nodes"])

    def down(self):
        """Ends all nodes, and what they started."""
        for process in (*self._processes.values(), self._epmd):
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            process.wait()
        self._log.close()

    def _join(self, home, cookie):
        with (home / "rabbitmq.conf").open("a") as config:
            config.write(DISCOVERY)
            for n, name in enumerate(self.names, start=1):
                config.write(f"cluster_formation.classic_config.nodes.{n} = {name}\n")
        file = home / ".erlang.cookie"
        file.write_text(cookie)
        file.chmod(0o400)

    def _run(self, program):
        return subprocess.Popen(
            program.command,
            env={**os.environ, **program.environment},
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def _control(self, *words):
        program = replace(self._programs[0])
        done = subprocess.run(
            [CONTROL, "-n", self._alive(), "--formatter", "json", "-q", *words],
            env={**os.environ, **program.environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    def _alive(self):
        running = [n for n, process in self._processes.items() if process.poll() is None]
        return self.names[running[0]]
