"""The iterations of docs/methods in NumPy, float64, written for clarity and from the pages alone: what
tests/oracle/check.py compares the program with. One file per page, one function per block update, in the pages' symbols:
samples are columns, index l of a list is the paper's l, and a state is a dict by the names of docs/problem.md (W1, b1, z1,
a1, ..., u; pdadmm: p2, q1, u1, ...)."""

from .aa_dladmm import AaDladmm
from .admm_taylor import AdmmTaylor
from .bcd import Bcd, SigmoidAdmm
from .controls import AmAdam, MonoForward, Proxprop
from .consensus import Badm, Nsisa, Sisa
from .dladmm import Dladmm, LastLayer
from .gorth import Gorth
from .gradient import Adadelta, Adagrad, Adam, Rmsprop, Sgd
from .gram_tp import GramTp
from .lbfgs import Lbfgs
from .mac import Mac, TwoSplitting
from .mdlam import Dlam, Mdlam
from .optimisers import Kfac, Muon, Nadamw, ScheduleFree, Soap
from .pdadmm import Pdadmm, PdadmmG, PdadmmGq
from .problem import Problem
from .wrong import WRONG


def bcd(problem, W, b, splitting="three", **params):
    return (Bcd if splitting == "three" else TwoSplitting)(problem, W, b, **params)


METHODS = {
    "dladmm": Dladmm, "last_layer": LastLayer, "mdlam": Mdlam, "dlam": Dlam, "pdadmm": Pdadmm, "pdadmm_g": PdadmmG,
    "pdadmm_gq": PdadmmGq, "aa_dladmm": AaDladmm, "admm_taylor": AdmmTaylor, "gram_tp": GramTp, "gorth": Gorth,
    "sgd": Sgd, "adam": Adam, "adagrad": Adagrad, "adadelta": Adadelta, "rmsprop": Rmsprop,
    "muon": Muon, "schedule_free": ScheduleFree, "nadamw": Nadamw, "soap": Soap, "kfac": Kfac, "lbfgs": Lbfgs,
    "mono_forward": MonoForward, "proxprop": Proxprop, "am_adam": AmAdam,
    "bcd": bcd, "sigmoid_admm": SigmoidAdmm, "mac": Mac, "badm": Badm, "sisa": Sisa, "nsisa": Nsisa,
}

__all__ = ["METHODS", "WRONG", "Problem"]
