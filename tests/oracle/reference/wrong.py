"""Wrong updates: the reference with one of them must differ from the program, or check.py's cases would not notice the
same mistake there. Each is of a kind that the equations make easy."""

import numpy as np

from .dladmm import Dladmm
from .gorth import Gorth
from .gradient import Adam, Rmsprop, Sgd
from .gram_tp import GramTp
from .pdadmm import Pdadmm, PdadmmG, of_stage


class DecayOfAdamw(Adam):
    """The wrong sign."""

    def shrunk(self, W, h):
        return (1 + h * self.mu) * W


class ThresholdOfAdam(Adam):
    """As if the step length were the same for every weight."""

    def metric(self, l):
        return 1.0


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


class CurrentNormOfGorth(Gorth):
    """Relative to the weights as they are, in which steps compound."""

    def norm_of(self, l):
        return np.linalg.norm(self.Wb[l])


class RootOfGorth(Gorth):
    """The root of Shampoo's two sides."""

    def power(self, l, exponent):
        return super().power(l, exponent / 2)


class DecayOfGorth(Gorth):
    """Of the biases, too."""

    @property
    def b(self):
        return [None] + [w[:, -1] * (1 - self.mu) for w in self.Wb[1:]]


class HeadOfGorth(Gorth):
    """A whitened head on the plain product of e_L and the layer's inputs."""

    def up_metrics(self):
        super().up_metrics()
        self.metric[self.L] = np.eye(self.Wb[self.L].shape[1])


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
    "adam-threshold": ("adam", ThresholdOfAdam),
    "last-batch-size": ("sgd", LastBatch),
    "rmsprop-momentum": ("rmsprop", MomentumOfRmsprop),
    "gram-tp-decay-sign": ("gram_tp", DecayOfGramTp),
    "gorth-current-norm": ("gorth", CurrentNormOfGorth),
    "gorth-fourth-root": ("gorth", RootOfGorth),
    "gorth-head-metric": ("gorth", HeadOfGorth),
    "gorth-decay-of-biases": ("gorth", DecayOfGorth),
    "pdadmm-g-one-stagnation": ("pdadmm_g", OneStagnation),
    "pdadmm-g-first-stage-for-all": ("pdadmm_g", FirstStageForAll),
    "pdadmm-three-terms-always": ("pdadmm", ThreeTermsAlways),
    "dladmm-nu-forgotten": ("dladmm", NuForgotten),
}
