"""docs/methods/pdadmm.md#iteration and #stages-continuation-quantisation."""

import numpy as np

from .problem import SLACK, Method, Regularizer, StepRule, forward_start, largest, weight_step
from .random_streams import Stream


def of_stage(values, stage):
    """Of a number, of a list with one, or with one per stage."""
    values = np.atleast_1d(values)
    return values[0] if len(values) == 1 else values[stage]


class Pdadmm(Method):
    def __init__(self, problem, W, b, rho=1e-4, nu=1e-4, mu=0.0, step=None, regularizer=None, stages=(),
                 stage_iterations=(200,), stage_rho=(), stage_mu=(), z_branch="three_terms"):
        super().__init__()
        self.z_branch = z_branch
        self.P, self.given = problem, {"rho": rho, "nu": nu, "mu": mu}
        self.rule, self.omega = StepRule(**step or {}), Regularizer(**regularizer or {})
        self.stages = list(stages) or [len(W) - 1]
        self.stage_iterations, self.stage_rho, self.stage_mu = stage_iterations, stage_rho, stage_mu
        self.widths = [W[1].shape[1]] + [w.shape[0] for w in W[1:]]
        self.changes = 0
        self.enter_stage(0)
        output = W[-1], b[-1]
        if output[0].shape[1] != self.widths[self.L - 1]:
            output = self.drawn_output_layer(self.full_depth)
        self.start(W[:self.L] + [output[0]], b[:self.L] + [output[1]])

    # Stages.

    @property
    def full_depth(self):
        return len(self.widths) - 1

    def last_stage(self):
        return self.stage + 1 == len(self.stages)

    def enter_stage(self, stage):
        def value(values, otherwise):
            return otherwise if len(values) == 0 else of_stage(values, stage)
        self.stage, self.L, self.k = stage, self.stages[stage], 0
        self.rho = value(self.stage_rho, self.given["rho"])
        self.nu = value(self.stage_rho, self.given["nu"])
        self.mu = value(self.stage_mu, self.given["mu"])
        self.length = value(self.stage_iterations, 0)
        self.changes += 1

    def drawn_output_layer(self, layer):
        """N(0, 0.1^2). The streams go on where those of the full net's arrays end, with one such `layer` per stage."""
        outputs, inputs, seed = self.widths[-1], self.widths[self.L - 1], self.P.seed
        return Stream(seed, 2 * layer).normals(outputs, inputs), Stream(seed, 2 * layer + 1).normals(outputs)

    def start(self, W, b):
        s = forward_start(self.P, W, b)
        self.W, self.b, self.z, self.q = s["W"], s["b"], s["z"], [None] + s["a"][1:]
        self.p = [None, self.P.x] + [v.copy() for v in s["a"][1:]]
        self.new_output_and_duals()

    def new_output_and_duals(self):
        if not self.last_stage() and self.P.loss == "cross_entropy":
            self.z[self.L] = np.zeros_like(self.P.T)
        self.u = [None] + [np.zeros_like(v) for v in self.q[1:]]
        self.project()

    def hand_over(self):
        kept = self.L - 1
        self.enter_stage(self.stage + 1)
        W, b = self.W[:kept + 1], self.b[:kept + 1]
        for l in range(kept + 1, self.L + 1):
            outputs = self.widths[-1] if l == self.L else self.widths[l]
            W.append(np.eye(outputs, self.widths[l - 1])), b.append(np.zeros(outputs))
        if not self.last_stage():
            W[-1], b[-1] = self.drawn_output_layer(self.full_depth + self.stage)
        # The forward pass goes on from the output that the kept layers have.
        above = forward_start(self.P.at(self.q[kept]), [None] + W[kept + 1:], [None] + b[kept + 1:])
        self.W, self.b = W, b
        self.z, self.q = self.z[:kept + 1] + above["z"][1:], self.q[:kept + 1] + above["a"][1:]
        self.p = self.p[:kept + 1] + [v.copy() for v in self.q[kept:]]
        self.new_output_and_duals()
        self.note("hand-over")

    # The iteration.

    def m(self, l):
        return self.W[l] @ self.p[l] + self.b[l][:, None]

    def E(self, l):
        return self.m(l) - self.z[l]

    def p_gradient(self, l):
        """g and tau."""
        nu, rho, W = self.nu, self.rho, self.W[l]
        g = nu * W.T @ self.E(l) + self.u[l - 1] + rho * (self.p[l] - self.q[l - 1])
        if not np.any(g):
            return g, np.inf
        return g, self.rule.tau(g, nu * W.T @ (W @ g) + rho * g, lambda: nu * largest(W.T @ W) + rho)

    def up_p(self, l):
        g, tau = self.p_gradient(l)
        self.p[l] = self.p[l] - g / tau

    def up_W(self, l):
        self.W[l] = weight_step(self.rule, self.omega, self.nu, self.mu, self.p[l], self.E(l), self.W[l])

    def up_b(self, l):
        self.b[l] = (self.z[l] - self.W[l] @ self.p[l]).mean(axis=1)

    def up_z(self, l):
        if l < self.L:
            three = self.P.hidden(2, (self.m(l) + self.z[l]) / 2, self.q[l])
            self.z[l] = three if self.z_branch == "three_terms" else self.two_term_z(l, three)
        else:
            self.z[l] = self.P.prox(self.nu, self.m(l))

    def two_term_z(self, l, three):
        z = self.P.two_term_hidden(self.m(l), self.z[l], self.q[l])
        if np.abs(z - three).max() > 1e-6:
            self.note("other branch")
        return z

    def up_q(self, l):
        rho, nu = self.rho, self.nu
        self.q[l] = (rho * self.p[l + 1] + self.u[l] + nu * self.P.f(self.z[l])) / (rho + nu)

    def up_u(self, l):
        self.u[l] = self.u[l] + self.rho * (self.p[l + 1] - self.q[l])

    def step(self):
        if not self.last_stage() and self.k == self.length:
            self.hand_over()
        for l in range(2, self.L + 1):
            self.up_p(l)
        for update in self.up_W, self.up_b, self.up_z:
            for l in range(1, self.L + 1):
                update(l)
        self.q_before = list(self.q)
        for update in self.up_q, self.up_u:
            for l in range(1, self.L):
                update(l)
        self.k += 1
        self.up_penalties()

    def up_penalties(self):
        """Constant."""

    def rounding(self, name):
        letter, l = name[0], int(name[1:])
        if letter == "u":  # u = nu (q - f(z)) cancels: before a layer has felt the loss it is rounding of nu q
            return (self.rho + self.nu) * np.abs(self.q[l]).max()
        if letter == "b":  # as does z - W p, of a layer that was handed over as the identity
            return np.abs(self.z[l]).max()
        return 0.0

    def objective(self):
        value = self.P.R(self.z[self.L])
        value += sum(self.mu / 2 * np.sum(w**2) + self.omega.value(w) for w in self.W[1:])
        for l in range(1, self.L + 1):
            value += self.nu / 2 * np.sum(self.E(l) ** 2)
        for l in range(1, self.L):
            r = self.p[l + 1] - self.q[l]
            value += self.nu / 2 * np.sum((self.q[l] - self.P.f(self.z[l])) ** 2)
            value += np.sum(self.u[l] * r) + self.rho / 2 * np.sum(r**2)
        return value

    def residual(self):
        return sum(np.sum((self.p[l + 1] - self.q[l]) ** 2) for l in range(1, self.L))

    def variables(self):
        return {"W": self.W, "b": self.b, "z": self.z, "p": [None, None] + self.p[2:], "q": self.q, "u": self.u}

    # For the acceleration of docs/methods/aa_dladmm.md.

    def map_version(self):
        return self.changes

    def put(self, name, value):
        getattr(self, name[0])[int(name[1:])] = value

    def project(self):
        """No constraint of this method's own."""

    def derive(self):
        """Everything else from W and b."""
        for l in range(1, self.L + 1):
            if l > 1:
                self.up_p(l)
            self.up_z(l)
            if l < self.L:
                self.up_q(l)

    def combined_residual(self):
        moved = sum(np.sum((self.q[l] - self.q_before[l]) ** 2) for l in range(1, self.L))
        return self.residual() + self.rho**2 * moved


class PdadmmG(Pdadmm):
    def __init__(self, problem, W, b, continuation=None, **params):
        self.rule_of_rho = {"kind": "constant", "factor": 10.0, "drop": 0.001, "after": 3, "cap": [1.0]} | (continuation or {})
        super().__init__(problem, W, b, **params)

    def enter_stage(self, stage):
        super().enter_stage(stage)
        self.costs = []  # of the stage's iterations

    def setting(self, name):
        return of_stage(self.rule_of_rho[name], self.stage)

    def stagnated(self, iterations):
        """Whether the cost failed to drop in every one of the last so many iterations."""
        last = self.costs[-iterations - 1:]
        drops = [before - after for before, after in zip(last, last[1:])]
        return len(drops) == iterations and all(drop < self.setting("drop") for drop in drops)

    def raise_is_due(self):
        return self.stagnated(2)

    def up_penalties(self):
        rule = self.rule_of_rho
        if rule["kind"] == "constant":
            return
        self.costs.append(self.P.training_cost(self.W, self.b, self.L))
        if self.k > self.setting("after") and self.raise_is_due():
            raised = min(rule["factor"] * self.rho, max(self.setting("cap"), self.rho))
            if raised != self.rho:
                self.rho = self.nu = raised
                self.changes += 1
                self.note("rho raised")


class PdadmmGq(PdadmmG):
    def __init__(self, problem, W, b, delta=None, quantize="p", **params):
        delta = {"kind": "uniform", "low": -1.0, "high": 20.0, "levels": 22, "bits": 8, "values": []} | (delta or {})
        count = {"uniform": delta["levels"], "bits": 2 ** delta["bits"], "list": 0}[delta["kind"]]
        self.levels = np.array(delta["values"]) if count == 0 else np.linspace(delta["low"], delta["high"], count)
        self.quantize = quantize
        super().__init__(problem, W, b, **params)

    def nearest(self, v):
        """Of two levels equally near the lower one."""
        middles = (self.levels[1:] + self.levels[:-1]) / 2
        return self.levels[np.searchsorted(middles, v, side="left")]

    def project(self):
        for l in range(1, self.L):
            if "p" in self.quantize:
                self.p[l + 1] = self.nearest(self.p[l + 1])
            if "q" in self.quantize:
                self.q[l] = self.nearest(self.q[l])

    def up_p(self, l):
        if "p" not in self.quantize:
            super().up_p(l)
            return
        g, tau = self.p_gradient(l)
        while True:
            new = self.nearest(self.p[l] - g / tau)
            D = new - self.p[l]
            if not np.any(D):
                return
            if self.nu * np.sum((self.W[l] @ D) ** 2) + self.rho * np.sum(D**2) <= tau * np.sum(D**2) * SLACK:
                break
            tau *= 2
        self.p[l] = new
        self.note("p moved")

    def up_q(self, l):
        super().up_q(l)
        if "q" in self.quantize:
            self.q[l] = self.nearest(self.q[l])
