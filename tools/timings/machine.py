"""The kind of machine a timing belongs to: only timings of one kind make a series."""

import dataclasses
import re

from timings import codes
from timings.files import Failure


@dataclasses.dataclass(frozen=True)
class Machine:
    cpu: str
    blas: str  # name and version
    core_type: str  # which of its kernels the library chose
    threads: int
    vectors: str = ""  # instructions of the element-wise passes; empty: not said (reports of before they were chosen at run time)

    @property
    def slug(self):
        """Name of the history file."""
        plural = "s" if self.threads > 1 else ""
        words = f"{self.cpu} {self.blas} {self.core_type} {self.threads} thread{plural} {self.vectors}"
        return re.sub(r"[^a-z0-9.]+", "-", words.lower()).strip("-")


def of_context(context, where, cpu=None, blas=None, threads=None):
    """From the context of a benchmark's report, whose keys are those of the result files; arguments take precedence.
    `blas` reads like "OpenBLAS 0.3.21 DYNAMIC_ARCH ..., core Zen (/usr/lib/...)"."""
    found = {"cpu": cpu or context.get("cpu"), "blas": blas or context.get("blas"),
             "threads": threads or context.get("threads")}
    for name, value in found.items():
        if not value or str(value).startswith("unknown"):
            raise Failure(f"{where}: its context does not say '{name}', which decides the series it belongs to; "
                          f"give --{name}", codes.USAGE)
    if not str(found["threads"]).isdecimal() or int(found["threads"]) < 1:
        raise Failure(f"{where}: {found['threads']} threads; must be a whole number above 0", codes.USAGE)
    core = re.search(r"\bcore (\w+)", found["blas"])
    name = " ".join(re.split(r"[,(]", found["blas"])[0].split()[:2])
    return Machine(" ".join(found["cpu"].split()), name, core.group(1) if core else "unknown", int(found["threads"]),
                   context.get("vectors", ""))
