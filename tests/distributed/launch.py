"""Starting processes together in tests: mpirun with what it needs in a container, always under a time limit that fails."""

import atexit
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from waiting import PATIENCE, wait_for  # noqa: E402, F401

PROGRAM = os.environ.get("ADMMBENCH_PROGRAM", str(ROOT / "build/release/bin/admmbench"))
MPIRUN = shutil.which("mpirun")
NO_MPIRUN = "mpirun is not installed (openmpi-bin)"


def session_folder():
    """Two mpirun that start at once can both want to make Open MPI's folder in /tmp, and then one fails: each call's own."""
    folder = tempfile.mkdtemp(prefix="ompi-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def environment(**more):
    """Open MPI does as root, and on fewer cores than processes, what it does for others."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OMPI_COMM", "PMI", "SLURM_"))}
    return dict(kept, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMPI_MCA_rmaps_base_oversubscribe="1",
                OMPI_MCA_hwloc_base_binding_policy="none", OMPI_MCA_mpi_yield_when_idle="1",
                OMPI_MCA_orte_tmpdir_base=session_folder(), **more)


def start(command, **options):
    """In a process group of its own, so that end() reaches all of it."""
    return subprocess.Popen([str(word) for word in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            start_new_session=True, **{"env": environment(), **options})


def end(process):
    """Kills what start() started, if it has not ended."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def finish(process, seconds=PATIENCE):
    """Exit code and output. Raises TimeoutError, with what was said so far, after so many seconds; nothing is left running."""
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
        raise TimeoutError(f"not over in {seconds} s: {process.args}\n{said[-3000:]}") from None
    return process.returncode, said


def run(command, seconds=PATIENCE, **options):
    return finish(start(command, **options), seconds)


def mpirun(ranks, command, *options):
    return [MPIRUN, "-n", str(ranks), *options, *command]
