"""docs/methods/aa_dladmm.md#iteration."""

import numpy as np

from .dladmm import Dladmm
from .mdlam import Dlam
from .pdadmm import Pdadmm
from .problem import Method

BASES = {"dlam": Dlam, "dladmm": Dladmm, "pdadmm": Pdadmm}


class Anderson:
    """The history of pairs (x, G(x)) and the points made from it."""

    def __init__(self, m, type=2, regularization=None, interval=1, min_length=1, weight_cap=1e10):
        regularization = {"scale": "square", "value": 1e-10} | (regularization or {})
        self.m, self.type, self.scale, self.value = m, int(type), regularization["scale"], regularization["value"]
        self.interval, self.min_length, self.weight_cap = interval, min_length, weight_cap
        self.adaptive = 1.0
        self.forget()

    def forget(self):
        self.calls, self.pair, self.dF, self.dG = 0, None, [], []

    def take(self, x, g):
        f = g - x
        if self.pair is not None:
            self.dF, self.dG = self.dF[1 - self.m:] if self.m > 1 else [], self.dG[1 - self.m:] if self.m > 1 else []
            self.dF, self.dG = self.dF + [f - self.pair[0]], self.dG + [g - self.pair[1]]
        self.pair = f, g

    def r(self, FD, XD):
        """The Tikhonov term of normalised columns."""
        diagonal = np.mean(np.sum(FD**2, axis=0))
        if self.scale == "product":
            return self.value * np.sqrt(diagonal * np.mean(np.sum(XD**2, axis=0)))
        if self.scale == "adaptive":
            r = self.value * diagonal
            self.adaptive = np.clip(self.adaptive * r, 1e-16, 1) / r
            return r * self.adaptive
        return self.value * diagonal

    def gamma(self):
        f, F, G = self.pair[0], np.stack(self.dF, axis=1), np.stack(self.dG, axis=1)
        D = 1 / np.linalg.norm(F, axis=0)
        FD, XD = F * D, (G - F) * D
        # On gamma' = gamma / D, the weights of the normalised columns.
        ridge = np.diag(self.value * D**2) if self.scale == "absolute" else self.r(FD, XD) * np.eye(len(D))
        if self.type == 1:
            return D * np.linalg.solve(XD.T @ FD + ridge, XD.T @ f)
        stacked = np.vstack([FD, np.sqrt(ridge)])
        return D * np.linalg.lstsq(stacked, np.append(f, np.zeros(len(D))), rcond=None)[0]

    def point(self, x, g):
        """The accelerated point, or None."""
        self.calls += 1
        if (self.calls - 1) % self.interval != 0:
            return None
        self.take(x, g)
        if len(self.dF) < min(self.min_length, self.m):
            return None
        gamma = self.gamma()
        if np.linalg.norm(gamma) >= self.weight_cap:
            self.forget()
            return None
        return g - np.stack(self.dG, axis=1) @ gamma

    def judged(self, accepted):
        self.adaptive *= 0.9 if accepted else 10
        if not accepted:
            self.forget()


class AaDladmm(Method):
    def __init__(self, problem, W, b, base="dlam", variables="state", m=8, safeguard=None, base_params=None, **acceleration):
        super().__init__()
        params = dict(base_params or {})
        params["step"] = {"rule": "lipschitz"} | params.get("step", {})
        self.base, self.weights_only, self.m = BASES[base](problem, W, b, **params), variables == "weights", m
        self.anderson = Anderson(m, **acceleration)
        self.safeguard = {"rule": "monotone", "merit": "objective"} | (safeguard or {})
        self.scale = {name: 1 / max(np.linalg.norm(v), 0.1 * np.sqrt(v.size)) for name, v in self.base.state().items()}
        self.version = self.base.map_version()
        self.accepted, self.waiting, self.first, self.last = 0, None, None, None
        if self.safeguard["merit"] == "objective":
            self.first = self.last = self.base.objective()

    @property
    def W(self):
        return self.base.W

    @property
    def b(self):
        return self.base.b

    def names(self):
        return [name for name in self.scale if not self.weights_only or name[0] in "Wb"]

    def x(self):
        state = self.base.state()
        return np.concatenate([self.scale[name] * state[name].ravel() for name in self.names()])

    def put(self, x):
        state, first = self.base.state(), 0
        for name in self.names():
            shape = state[name].shape
            self.base.put(name, x[first:first + state[name].size].reshape(shape) / self.scale[name])
            first += state[name].size
        self.base.derive() if self.weights_only else self.base.project()

    def kept(self):
        return {name: value.copy() for name, value in self.base.state().items()}

    def restore(self, kept):
        for name, value in kept.items():
            self.base.put(name, value)
        self.base.project()

    def map_changed(self):
        if self.base.map_version() == self.version:
            return False
        self.version = self.base.map_version()
        self.anderson.forget()
        self.note("map changed")
        return True

    def acceptable(self, merit, changed=False):
        """Merits of different maps do not compare."""
        limit = self.last
        if self.safeguard["rule"] == "summable":
            limit += 0.1 * abs(self.first) * (self.accepted + 1) ** -1.1
        accept = bool(changed or merit <= limit)
        self.accepted += accept
        self.anderson.judged(accept)
        self.note("point accepted" if accept else "point refused")
        return accept

    def step(self):
        if self.m == 0:
            self.base.step()
        elif self.safeguard["merit"] == "objective":
            self.step_judged_by_objective()
        else:
            self.step_judged_by_residual()

    def step_judged_by_objective(self):
        x = self.x()
        self.base.step()
        point = None if self.map_changed() else self.anderson.point(x, self.x())
        if point is not None:
            kept = self.kept()
            self.put(point)
            if not self.acceptable(self.base.objective()):
                self.restore(kept)
        self.last = self.base.objective()

    def step_judged_by_residual(self):
        """The point of the last call is taken now: its merit is known after the map was evaluated there."""
        point, self.waiting, kept = self.waiting, None, self.kept()
        if point is not None:
            self.put(point)
        x = self.x()
        self.base.step()
        changed, merit = self.map_changed(), self.base.combined_residual()
        if point is not None and not self.acceptable(merit, changed):
            self.restore(kept)
            return
        self.last = merit
        self.first = merit if self.first is None else self.first
        if not changed:
            self.waiting = self.anderson.point(x, self.x())

    def rounding(self, name):
        return self.base.rounding(name)

    def objective(self):
        return self.base.objective()

    def residual(self):
        return self.base.residual()

    def state(self):
        return self.base.state()
