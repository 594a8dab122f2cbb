"""admmbench in Python: solvers of your own (Solver, serve, check), results (load), and runs made elsewhere (Run).

docs/guide/python.md of the suite shows all of it. A solver needs NumPy alone; load and Run need h5py, load also pandas,
and curve() Matplotlib. They are imported when first used.
"""

try:
    import numpy  # noqa: F401
except ImportError as error:
    import sys
    raise ImportError(f"admmbench needs NumPy, which {sys.executable} does not have ({error}): apt install python3-numpy, or "
                      "name another Python, as in command: [/usr/bin/python3, mine.py]") from None

from admmbench.problem import Problem
from admmbench.solver import Solver, check, serve

__version__ = "0.1.0"
__all__ = ["Problem", "Results", "Run", "Solver", "check", "load", "serve"]


def __getattr__(name):
    if name in ("load", "Results"):
        from admmbench import results
        return getattr(results, name)
    if name == "Run":
        from admmbench.run import Run
        return Run
    raise AttributeError(f"module 'admmbench' has no attribute {name!r}; there are: {', '.join(__all__)}")
