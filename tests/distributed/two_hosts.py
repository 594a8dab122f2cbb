"""Two hosts in one machine, for tests: network namespaces joined by a veth pair of limited bandwidth, each with a host name and
a boot number of its own, so that programs cannot tell. mpirun reaches the second through an agent in place of ssh. Nothing is
left after the `with` block."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import uuid

import launch

NAMES = ("h1", "h2")
DEVICE = "link0"
BURST = 32 * 1024  # bytes that the filter lets through at once

ENTER = """#!/bin/sh
# Runs a command on host $1: in its network, with its name, its boot number and its list of hosts.
set -e
host=$1
shift
exec nsenter --net=/run/netns/{tag}-"$host" unshare --mount --uts sh -c '
  mount --bind "{folder}/hosts" /etc/hosts
  mount --bind "{folder}/boot-$1" /proc/sys/kernel/random/boot_id
  hostname "$1"
  shift
  exec "$@"' enter "$host" "$@"
"""
AGENT = """#!/bin/sh
# In place of ssh: HOST COMMAND..., the words joined as ssh joins them.
host=$1
shift
exec "{folder}/enter" "$host" sh -c "$*"
"""


def why_not():
    """A sentence, if there can be no two hosts here; else nothing."""
    missing = [name for name in ("ip", "tc", "nsenter", "unshare") if shutil.which(name) is None]
    if missing:
        return f"no {', '.join(missing)} (iproute2, util-linux)"
    if os.getuid() != 0:
        return "only root can make network namespaces"
    trial = f"trial-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", trial], capture_output=True, text=True)
    if made.returncode != 0:
        return f"network namespaces are not allowed here: {made.stderr.strip()}"
    try:
        commands = (["ip", "-n", trial, "link", "add", "trial0", "type", "veth", "peer", "name", "trial1"],
                    ["tc", "-n", trial, "qdisc", "add", "dev", "trial0", "root", "tbf", "rate", "1mbit", "burst", "32kb",
                     "latency", "50ms"],
                    ["nsenter", f"--net=/run/netns/{trial}", "unshare", "--mount", "--uts", "mount", "--bind", "/dev/null",
                     "/proc/sys/kernel/random/boot_id"])
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                return f"not allowed here: {' '.join(command[:6])}...: {done.stderr.strip()}"
    finally:
        subprocess.run(["ip", "netns", "del", trial], capture_output=True)
    return ""


class TwoHosts:
    """`with TwoHosts("100mbit") as hosts: hosts.mpirun(2, [...])`; the rate is tc's, each way."""

    def __init__(self, rate="1gbit"):
        self.rate = rate

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hosts-"))
        self.tag = f"test-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def build(self):
        addresses = {name: f"10.213.77.{number}" for number, name in enumerate(NAMES, 1)}
        lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in addresses.items())]
        (self.folder / "hosts").write_text("\n".join(lines) + "\n")
        for name in NAMES:
            (self.folder / f"boot-{name}").write_text(f"{uuid.uuid4()}\n")
            self.ip("netns", "add", f"{self.tag}-{name}")
        self.ip("link", "add", DEVICE, "netns", f"{self.tag}-h1", "type", "veth",
                "peer", "name", DEVICE, "netns", f"{self.tag}-h2")
        for name, address in addresses.items():
            namespace = f"{self.tag}-{name}"
            self.ip("-n", namespace, "addr", "add", f"{address}/24", "dev", DEVICE)
            self.ip("-n", namespace, "link", "set", DEVICE, "up")
            self.ip("-n", namespace, "link", "set", "lo", "up")
        self.limit(self.rate)
        for name, text in (("enter", ENTER), ("agent", AGENT)):
            (self.folder / name).write_text(text.format(folder=self.folder, tag=self.tag))
            (self.folder / name).chmod(0o755)

    @staticmethod
    def ip(*words):
        done = subprocess.run(["ip", *words], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def limit(self, rate):
        """Of what each host sends: "10mbit"."""
        for name in NAMES:
            subprocess.run(["tc", "-n", f"{self.tag}-{name}", "qdisc", "replace", "dev", DEVICE, "root", "tbf", "rate", rate,
                            "burst", str(BURST), "latency", "100ms"], check=True, capture_output=True, text=True)

    def processes(self):
        """Of both hosts."""
        found = []
        for name in NAMES:
            done = subprocess.run(["ip", "netns", "pids", f"{self.tag}-{name}"], capture_output=True, text=True)
            found += [int(pid) for pid in done.stdout.split()]
        return found

    def __exit__(self, *_):
        end = time.monotonic() + 20
        while (left := self.processes()) and time.monotonic() < end:
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.05)
        for name in NAMES:
            subprocess.run(["ip", "netns", "del", f"{self.tag}-{name}"], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def on(self, host, command):
        """The command as it is run on a host."""
        return [str(self.folder / "enter"), host, *[str(word) for word in command]]

    def bytes_sent(self):
        """By each host over the link so far, headers included."""
        found = {}
        for name in NAMES:
            link, = json.loads(self.ip("-n", f"{self.tag}-{name}", "-j", "-s", "link", "show", DEVICE))
            found[name] = link["stats64"]["tx"]["bytes"]
        return found

    def mpirun(self, ranks, command, *options):
        """The command line that starts so many ranks, in turns on both hosts, the first on h1; messages by TCP over the link."""
        each = (ranks + 1) // 2
        return self.on("h1", [launch.MPIRUN, "-n", ranks, "--host", f"h1:{each},h2:{each}", "--map-by", "node",
                              "--mca", "plm_rsh_agent", self.folder / "agent", "--mca", "btl", "tcp,self",
                              "--mca", "pml", "ob1", "--mca", "btl_tcp_if_include", DEVICE,
                              "--mca", "oob_tcp_if_include", DEVICE, *options, *command])

    def run(self, ranks, command, *options, seconds=launch.PATIENCE, **more):
        """Exit code and output of these ranks."""
        return launch.run(self.mpirun(ranks, command, *options), seconds, **more)
