"""A Slurm of one node for tests: munged, slurmctld and slurmd of Debian's packages, without systemd, in a temporary folder and on
ports of their own. Whatever they and their jobs start is gone after the `with` block."""

import ctypes
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import launch

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "sinfo", "scontrol", "scancel")
PROCESSORS = 4  # of the node, as it says: more than the machine may have, for tests of correctness
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
CONFIGURATION = """ClusterName=fixture
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/none
MpiDefault=pmix
ReturnToService=2
InactiveLimit=0
KillWait=20
NodeName={host} NodeAddr=127.0.0.1 CPUs={processors} RealMemory=8000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def why_not():
    """A sentence, if Slurm cannot be started here; else nothing."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [name for name in PROGRAMS if shutil.which(name, path=path) is None]
    if missing:
        return f"Slurm is not installed: no {', '.join(missing)} (tools/bootstrap --dev)"
    if os.getuid() != 0:
        return "Slurm can be started by root only"
    return ""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def descendants(process):
    """Numbers of all processes below `process`."""
    parents = {}
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            pass
    family, before = {process}, 0
    while len(family) > before:
        before = len(family)
        family |= {child for child, parent in parents.items() if parent in family}
    return family - {process}


class Slurm:
    """`with Slurm() as slurm: slurm.sbatch(...)`. Raises RuntimeError with the daemons' last words if it does not start."""

    def __enter__(self):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))  # a socket's path has 107 characters at most
        self.folder.chmod(0o755)
        self.daemons = []
        # What outlives the one who started it, as slurmstepd does, becomes a child of this process, and can be found.
        self.libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.before = descendants(os.getpid())
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        host = socket.gethostname().split(".")[0]
        controller_port, node_port = free_ports(2)
        for name in ("state", "spool", "munge", "pmix"):
            (self.folder / name).mkdir(mode=0o755)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        configuration = self.folder / "slurm.conf"
        configuration.write_text(CONFIGURATION.format(host=host, controller_port=controller_port, node_port=node_port,
                                                      user="root", folder=self.folder, processors=PROCESSORS))
        (self.folder / "cgroup.conf").write_text("CgroupAutomount=no\n")
        # Else in /tmp, where what a killed step left is in the way of the next Slurm's step of the same number.
        (self.folder / "mpi.conf").write_text(f"PMIxCliTmpDirBase={self.folder}/pmix\n")
        path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
        self.environment = launch.environment(SLURM_CONF=str(configuration), PATH=path)
        self.daemon("munged", "--foreground", f"--socket={self.folder}/munge.socket", f"--key-file={key}",
                    f"--pid-file={self.folder}/munge/pid", f"--log-file={self.folder}/munge/log",
                    f"--seed-file={self.folder}/munge/seed", "--num-threads=2")
        self.wait_for(lambda: (self.folder / "munge.socket").exists(), "munged's socket")
        self.daemon("slurmctld", "-D", "-f", str(configuration))
        self.daemon("slurmd", "-D", "-f", str(configuration), "-N", host)
        self.wait_for(lambda: self.command("sinfo", "-h", "-o", "%T").stdout.strip() == "idle", "an idle node")

    def daemon(self, *command):
        def die_with_the_test():
            self.libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        log = open(self.folder / f"{command[0]}.out", "wb")
        self.daemons.append(subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             preexec_fn=die_with_the_test))
        log.close()

    def wait_for(self, condition, what, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := condition():
                return found
            if any(daemon.poll() is not None for daemon in self.daemons):
                break
            time.sleep(0.1)
        raise RuntimeError(f"Slurm: not in {seconds} s: {what}\n{self.last_words()}")

    def last_words(self):
        texts = []
        for file in sorted([*self.folder.glob("*.out"), *self.folder.glob("*.log")]):
            texts.append(f"{file.name}:\n{file.read_text(errors='replace')[-1500:]}")
        return "\n".join(texts)

    def __exit__(self, *_):
        if len(self.daemons) == 3:
            self.command("scancel", "--full", "--user=root", check=False)
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in reversed(self.daemons):
            try:
                daemon.wait(timeout=15)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        while ours := descendants(os.getpid()) - self.before:
            for process in ours:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            try:
                while os.waitpid(-1, os.WNOHANG)[0] > 0:
                    pass
            except ChildProcessError:
                pass
            time.sleep(0.05)
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, *words, check=True, seconds=60, **options):
        done = subprocess.run([str(word) for word in words], env=self.environment, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=seconds, **options)
        if check and done.returncode != 0:
            raise RuntimeError(f"{words}: {done.returncode}\n{done.stderr}\n{self.last_words()}")
        return done

    def srun(self, ranks, command, *options, seconds=launch.PATIENCE, **more):
        """Exit code and output of `srun -n RANKS OPTIONS COMMAND`, by PMIx, which Open MPI of Debian speaks."""
        try:
            return launch.run(["srun", "-n", str(ranks), "--time=10", *options, *command], seconds, env=self.environment, **more)
        except TimeoutError:
            self.command("scancel", "--user=root")
            raise

    def sbatch(self, script, *options, **more):
        """The number of the job."""
        return self.command("sbatch", "--parsable", *options, script, **more).stdout.strip().split(";")[0]

    def states(self, job):
        """Of a job, or of the tasks of an array: number -> (state, exit code); a job's own is called "0"."""
        lines = self.command("scontrol", "-o", "show", "job", job).stdout.splitlines()
        found = {}
        for line in lines:
            fields = dict(re.findall(r"(\w+)=(\S+)", line))
            if "JobState" in fields:
                found[fields.get("ArrayTaskId", "0")] = (fields["JobState"], int(fields["ExitCode"].split(":")[0]))
        return found

    def wait(self, job, seconds=launch.PATIENCE):
        """The states, once all of it has ended."""
        def over():
            left = self.command("squeue", "-h", "-j", job, "-o", "%i", check=False).stdout.strip()
            return not left
        self.wait_for(over, f"job {job} to end", seconds)
        return self.states(job)
