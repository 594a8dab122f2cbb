"""docs/methods/dladmm.md#iteration."""

import numpy as np

from .problem import Method, Regularizer, StepRule, forward_start, largest, weight_step


class Dladmm(Method):
    def __init__(self, problem, W, b, rho=1e-6, nu=1e-6, mu=0.0, step=None, regularizer=None, rho_rule=None,
                 sweep="both", bias=True):
        super().__init__()
        self.P, self.rho, self.nu, self.mu = problem, rho, nu, mu
        self.rule, self.omega = StepRule(**step or {}), Regularizer(**regularizer or {})
        self.sweep, self.bias = sweep, bias
        s = forward_start(problem, W, b if bias else [None] + [0 * v for v in b[1:]])
        self.W, self.b, self.z, self.a = s["W"], s["b"], s["z"], s["a"]
        self.L = len(self.W) - 1
        self.u = np.zeros_like(self.z[self.L])
        self.rho_rule = {"kind": "constant", "factor": 10.0, "cap": 0.1, "patience": 3} | (rho_rule or {})
        self.rises, self.last_cost = 0, np.inf

    def c(self, l):
        return self.rho if l == self.L else self.nu

    def m(self, l):
        return self.W[l] @ self.a[l - 1] + self.b[l][:, None]

    def E(self, l):
        return self.m(l) - self.z[l]

    def Et(self, l):
        return self.E(l) - (self.u / self.rho if l == self.L else 0)

    def up_W(self, l):
        self.W[l] = weight_step(self.rule, self.omega, self.c(l), self.mu, self.a[l - 1], self.Et(l), self.W[l])

    def up_b(self, l):
        if self.bias:
            self.b[l] = self.b[l] - self.Et(l).mean(axis=1)

    def up_a(self, l):
        c, W = self.c(l + 1), self.W[l + 1]
        g = c * W.T @ self.Et(l + 1) + self.nu * (self.a[l] - self.P.f(self.z[l]))
        if np.any(g):
            tau = self.rule.tau(g, c * W.T @ (W @ g) + self.nu * g, lambda: c * largest(W.T @ W) + self.nu)
            self.a[l] = self.a[l] - g / tau

    def up_z(self, l):
        self.z[l] = self.P.hidden(1, self.m(l), self.a[l])

    def up_zL(self):
        self.z_L_before = self.z[self.L]
        self.z[self.L] = self.P.prox(self.rho, self.m(self.L) - self.u / self.rho)

    def up_u(self):
        self.u = self.u - self.rho * self.E(self.L)

    def step(self):
        L = self.L
        if self.sweep == "both":
            self.up_zL(), self.up_b(L), self.up_W(L)
            for l in range(L - 1, 0, -1):
                self.up_a(l), self.up_z(l), self.up_b(l), self.up_W(l)
        for l in range(1, L):
            self.up_W(l), self.up_b(l), self.up_z(l), self.up_a(l)
        self.up_W(L), self.up_b(L), self.up_zL()
        self.up_u()
        self.up_penalties()

    def up_penalties(self):
        if self.rho_rule["kind"] == "constant":
            return
        cost = self.P.training_cost(self.W, self.b, self.L)
        self.rises = self.rises + 1 if cost > self.last_cost else 0
        self.last_cost = cost
        if self.rises == self.rho_rule["patience"]:
            self.rises = 0
            self.raise_penalties()

    def raise_penalties(self):
        factor, cap = self.rho_rule["factor"], self.rho_rule["cap"]
        self.rho = self.nu = min(factor * self.rho, max(cap, self.rho))
        self.rule.initial *= factor
        self.note("rho raised")

    def objective(self):
        P, r = self.P, -self.E(self.L)
        value = P.R(self.z[self.L]) + sum(self.mu / 2 * np.sum(w**2) + self.omega.value(w) for w in self.W[1:])
        for l in range(1, self.L):
            value += self.nu / 2 * (np.sum(self.E(l) ** 2) + np.sum((self.a[l] - P.f(self.z[l])) ** 2))
        return value + np.sum(self.u * r) + self.rho / 2 * np.sum(r**2)

    def residual(self):
        return np.sum(self.E(self.L) ** 2)

    def variables(self):
        return {"W": self.W, "b": self.b, "z": self.z, "a": [None] + self.a[1:]}

    def state(self):
        return super().state() | {"u": self.u}

    # For the acceleration of docs/methods/aa_dladmm.md.

    def map_version(self):
        return self.events.get("rho raised", 0)

    def put(self, name, value):
        if name == "u":
            self.u = value
        else:
            getattr(self, name[0])[int(name[1:])] = value

    def project(self):
        """No constraint of this method's own."""

    def derive(self):
        """Everything else from W and b."""
        for l in range(1, self.L):
            self.up_z(l), self.up_a(l)
        self.up_zL()

    def combined_residual(self):
        return self.residual() + self.rho**2 * np.sum((self.z[self.L] - self.z_L_before) ** 2)


class LastLayer(Dladmm):
    def step(self):
        L = self.L
        self.up_zL(), self.up_b(L), self.up_W(L)
        self.up_W(L), self.up_b(L), self.up_zL()
        self.up_u()
