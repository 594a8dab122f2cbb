"""docs/methods/mdlam.md#iteration."""

import numpy as np

from .problem import JUST_BELOW, SLACK, Method, Regularizer, StepRule, forward_start, is_rounding, largest, weight_step

# f^-1 on the open range (bottom, top) of f.
INVERSES = {
    "leaky_relu": (-np.inf, np.inf, lambda y: np.where(y > 0, y, y / 0.01)),
    "identity": (-np.inf, np.inf, lambda y: y),
    "tanh": (-1.0, 1.0, np.arctanh),
    "sigmoid": (0.0, 1.0, lambda y: np.log(y) - np.log1p(-y)),
}


class Mdlam(Method):
    def __init__(self, problem, W, b, rho=1e-3, mu=0.0, accelerate=True, eps=None, step=None, regularizer=None,
                 decay="proximal", bias=True):
        super().__init__()
        eps = {"initial": 100.0, "factor": 0.5, "floor": 1e-3} | (eps or {})
        self.P, self.rho, self.mu, self.accelerate, self.decay, self.bias = problem, rho, mu, accelerate, decay, bias
        self.rule, self.omega = StepRule(**step or {}), Regularizer(**regularizer or {})
        self.eps, self.factor, self.floor = eps["initial"], eps["factor"], eps["floor"]
        s = forward_start(problem, W, b if bias else [None] + [0 * v for v in b[1:]])
        self.W, self.b, self.z, self.a = s["W"], s["b"], s["z"], s["a"]
        self.L = len(self.W) - 1
        self.W_old = [None if w is None else w.copy() for w in self.W]
        self.a_old = [v.copy() for v in self.a]
        self.s, self.k = 0.0, 0

    def m(self, l):
        return self.W[l] @ self.a[l - 1] + self.b[l][:, None]

    def E(self, l):
        return self.m(l) - self.z[l]

    def F(self):
        return (self.P.R(self.z[self.L]) + self.rho / 2 * self.residual()
                + sum(self.mu / 2 * np.sum(w**2) + self.omega.value(w) for w in self.W[1:]))

    def W_from(self, l, bar):
        A = self.a[l - 1]
        E = bar @ A + self.b[l][:, None] - self.z[l]
        if l > 1 and self.omega.kind != "none" and is_rounding(E, self.z[l]):  # layer 1 has the very product of the start
            self.decided_by_rounding = True
        if self.decay == "gradient":
            return weight_step(self.rule, self.omega, self.rho, self.mu, A, E, bar)
        if self.mu > 0 and np.any(E) and is_rounding(E, self.z[l]):  # theta is the curvature along nothing, and W shrinks by it
            self.decided_by_rounding = True
        g = self.rho * E @ A.T
        if self.omega.kind == "none" and not np.any(g):
            return bar
        theta = self.rule.tau(g, self.rho * (g @ A) @ A.T, lambda: self.rho * largest(A @ A.T))
        if self.omega.kind == "none":
            return (theta * bar - g) / (theta + self.mu)
        theta = theta if theta > 0 else self.rule.initial
        while True:
            new = self.omega.prox(theta + self.mu, (theta * bar - g) / (theta + self.mu))
            D = new - bar
            if self.rho * np.sum((D @ A) ** 2) <= theta * np.sum(D**2) * SLACK:
                return new
            theta *= 2

    def into_band(self, l, a):
        f = self.P.f(self.z[l])
        return np.clip(a, f - self.eps, f + self.eps)

    def a_from(self, l, bar):
        W = self.W[l + 1]
        g = self.rho * W.T @ (W @ bar + self.b[l + 1][:, None] - self.z[l + 1])
        if not np.any(g):
            return self.into_band(l, bar)
        tau = self.rule.tau(g, self.rho * W.T @ (W @ g), lambda: self.rho * largest(W.T @ W))
        while True:
            new = self.into_band(l, bar - g / tau)
            D = new - bar
            if self.rho * np.sum((W @ D) ** 2) <= tau * np.sum(D**2) * SLACK:
                return new
            tau *= 2

    def guarded(self, values, l, bar, update):
        plain = values[l]
        before = self.F()
        values[l] = update(l, bar)
        if self.accelerate and self.F() > before and bar is not plain:
            values[l] = plain
            values[l] = update(l, plain)
            self.note("step made again")

    def up_W(self, l, omega):
        W = self.W[l]
        bar = W + omega * (W - self.W_old[l]) if omega != 0 else W
        self.W_old[l] = W
        self.guarded(self.W, l, bar, self.W_from)

    def up_b(self, l):
        if self.bias:
            self.b[l] = self.b[l] - self.E(l).mean(axis=1)

    def box(self, a):
        """B1, B2 with |f(z) - a| <= eps between them."""
        eps = self.eps
        if self.P.activation == "relu":
            if np.any(a < -eps):
                self.note("empty box")
            return np.where(a - eps > 0, a - eps, -np.inf), a + eps
        if self.P.activation in ("sign", "step"):
            bottom = self.P.f(np.array(-1.0))
            below, above = np.abs(a - bottom) <= eps, np.abs(a - 1) <= eps
            if not np.all(below | above):
                self.note("empty box")
            nearer = np.abs(a - 1) <= np.abs(a - bottom)
            below, above = below | (~above & ~nearer), above | (~below & nearer)
            return np.where(below, -np.inf, 0), np.where(above, np.inf, JUST_BELOW)
        bottom, top, inverse = INVERSES[self.P.activation]
        if np.any((a + eps <= bottom) | (a - eps >= top)):
            self.note("empty box")
        a = np.where(a + eps <= bottom, bottom, np.where(a - eps >= top, top, a))
        with np.errstate(invalid="ignore", divide="ignore"):  # the values that are not taken
            return (np.where(a - eps > bottom, inverse(a - eps), -np.inf),
                    np.where(a + eps < top, inverse(a + eps), np.inf))

    def up_z(self, l):
        low, high = self.box(self.a[l])
        self.z[l] = np.minimum(np.maximum(self.m(l), low), high)

    def up_zL(self):
        self.z[self.L] = self.P.prox(self.rho, self.m(self.L))

    def up_a(self, l, omega):
        a = self.a[l]
        bar = a + omega * (a - self.a_old[l]) if omega != 0 else a
        self.a_old[l] = a
        self.guarded(self.a, l, bar, self.a_from)

    def up_eps(self):
        before = self.eps
        self.eps = max(self.eps * self.factor, self.floor)
        if self.eps != before:
            self.note("eps changed")

    def step(self):
        s_next = (1 + np.sqrt(1 + 4 * self.s**2)) / 2
        omega = (self.s - 1) / s_next if self.k >= 1 and self.accelerate else 0.0
        for l in range(1, self.L):
            self.up_W(l, omega), self.up_b(l), self.up_z(l), self.up_a(l, omega)
        self.up_W(self.L, omega), self.up_b(self.L), self.up_zL()
        self.s, self.k = s_next, self.k + 1
        self.up_eps()

    objective = F

    def residual(self):
        return sum(np.sum(self.E(l) ** 2) for l in range(1, self.L + 1))

    def variables(self):
        return {"W": self.W, "b": self.b, "z": self.z, "a": [None] + self.a[1:]}

    # For the acceleration of docs/methods/aa_dladmm.md.

    def map_version(self):
        return self.events.get("eps changed", 0)

    def put(self, name, value):
        getattr(self, name[0])[int(name[1:])] = value

    def project(self):
        for l in range(1, self.L):
            self.a[l] = self.into_band(l, self.a[l])

    def derive(self):
        """Everything else from W and b."""
        for l in range(1, self.L):
            self.up_z(l)
            self.a[l] = self.a_from(l, self.a[l])
        self.up_zL()

    combined_residual = residual


class Dlam(Mdlam):
    def __init__(self, problem, W, b, accelerate=False, **params):
        super().__init__(problem, W, b, accelerate=accelerate, **params)
