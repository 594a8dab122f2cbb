"""Wrong updates: the reference with one of them must differ from the program, or check.py's cases would not notice the
same mistake there. Each is of a kind that the equations make easy."""

from .dladmm import Dladmm
from .gradient import Adam, Rmsprop, Sgd
from .gram_tp import GramTp
from .pdadmm import Pdadmm, PdadmmG, of_stage


class DecayOfAdamw(Adam):
    """The wrong sign."""

    def shrunk(self, W, h):
        return (1 + h * self.mu) * W


class LastBatch(Sgd):
    """Divided by the size of the others."""

    def size_of(self, batch):
        return self.batches.size


class MomentumOfRmsprop(Rmsprop):
    """Times 1 - momentum, as for an average."""

    def carried(self, v):
        return (1 - self.p["momentum"]) * super().carried(v)


class DecayOfGramTp(GramTp):
    """The wrong sign."""

    def shrunk(self, W, s):
        return (1 + s * self.mu) * W


class OneStagnation(PdadmmG):
    """One iteration without a drop of the cost is enough."""

    def raise_is_due(self):
        return self.stagnated(1)


class FirstStageForAll(PdadmmG):
    """drop, after and cap of the first stage hold for all."""

    def setting(self, name):
        return of_stage(self.rule_of_rho[name], 0)


class ThreeTermsAlways(Pdadmm):
    """z_branch is not looked at."""

    def two_term_z(self, l, three):
        return three


class NuForgotten(Dladmm):
    """rho is raised, nu stays."""

    def raise_penalties(self):
        nu = self.nu
        super().raise_penalties()
        self.nu = nu


# name: (solver, class)
WRONG = {
    "adamw-decay-sign": ("adam", DecayOfAdamw),
    "last-batch-size": ("sgd", LastBatch),
    "rmsprop-momentum": ("rmsprop", MomentumOfRmsprop),
    "gram-tp-decay-sign": ("gram_tp", DecayOfGramTp),
    "pdadmm-g-one-stagnation": ("pdadmm_g", OneStagnation),
    "pdadmm-g-first-stage-for-all": ("pdadmm_g", FirstStageForAll),
    "pdadmm-three-terms-always": ("pdadmm", ThreeTermsAlways),
    "dladmm-nu-forgotten": ("dladmm", NuForgotten),
}
