"""The iterations of docs/methods in NumPy, float64, written for clarity and from the pages alone: what
tests/oracle/check.py compares the program with. Samples are columns; index l of a list is the paper's l.

Every state is a dict by the names of docs/problem.md: W1, b1, z1, a1, ..., u (pdadmm: p2, q1, u1, ...)."""

import numpy as np

ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1.0, 0.01)),
    "identity": (lambda z: z, lambda z: np.ones_like(z)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) ** 2),
}


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


class Problem:
    def __init__(self, x, targets, loss, activation="relu"):
        self.x, self.T, self.loss = x, targets, loss
        self.f, self.df = ACTIVATIONS[activation]
        self.activation = activation

    def R(self, z):
        if self.loss == "squared":
            return 0.5 * np.sum((z - self.T) ** 2)
        peak = z.max(axis=0)
        return np.sum(np.log(np.exp(z - peak).sum(axis=0)) + peak - (z * self.T).sum(axis=0))

    def prox(self, c, m):
        """argmin R(z) + c/2 ||z - m||^2, to rounding: damped Newton with a dense solve per column."""
        if self.loss == "squared":
            return (self.T + c * m) / (1 + c)
        out = np.empty_like(m)
        for n in range(m.shape[1]):
            y, mn = self.T[:, n], m[:, n]
            value = lambda z: np.log(np.exp(z - z.max()).sum()) + z.max() - y @ z + c / 2 * np.sum((z - mn) ** 2)
            z = mn.copy()
            for _ in range(2000):
                p = softmax(z[:, None])[:, 0]
                g = p - y + c * (z - mn)
                d = -np.linalg.solve(np.diag(p + c) - np.outer(p, p), g)
                t = min(1.0, 5 / (np.abs(d - d.mean()).max() + 1e-300))
                # Far away the value decides; close to the minimum it is all rounding, and the full step is right.
                while np.abs(g).max() > 1e-6 and value(z + t * d) > value(z) and t > 1e-12:
                    t /= 2
                z = z + t * d
                if np.abs(t * d).max() <= 1e-15 * (1 + np.abs(z).max()):
                    break
            out[:, n] = z
        return out

    def hidden(self, w, m, a):
        """argmin_z w (z - m)^2 + (a - f(z))^2, entry by entry."""
        if self.activation == "relu":
            minus, plus = np.minimum(m, 0), np.maximum((w * m + a) / (w + 1), 0)
            h = lambda z: w * (z - m) ** 2 + (a - np.maximum(z, 0)) ** 2
            return np.where(h(minus) > h(plus), plus, minus)
        # Dense grid, then golden-section refinement around its best point.
        h = lambda z: w * (z - m) ** 2 + (a - self.f(z)) ** 2
        radius = np.abs(a - self.f(m)) / np.sqrt(w) + 1e-12
        grid = np.linspace(-1, 1, 4001)
        values = np.stack([h(m + radius * g) for g in grid])
        best = grid[values.argmin(axis=0)]
        step = grid[1] - grid[0]
        low, high = m + radius * (best - step), m + radius * (best + step)
        slope = lambda z: w * (z - m) - (a - self.f(z)) * self.df(z)
        for _ in range(200):
            mid = (low + high) / 2
            up = slope(mid) < 0
            low, high = np.where(up, mid, low), np.where(up, high, mid)
        return (low + high) / 2


def tau_of(step, g, Hg, lambda_max):
    kappa = np.sum(g * Hg) / np.sum(g * g)
    rule = step.get("rule", "exact")
    if rule == "exact":
        return kappa
    if rule == "lipschitz":
        return lambda_max()
    tau = step.get("initial", 1.0)
    while tau < kappa:
        tau *= step.get("growth", 2.0)
    return tau


def largest(M):
    return np.linalg.eigvalsh(M).max()


def forward_start(problem, W, b):
    L = len(W) - 1
    s = {"W": [None] + [w.copy() for w in W[1:]], "b": [None] + [v.copy() for v in b[1:]], "z": [None], "a": [problem.x]}
    for l in range(1, L + 1):
        z = s["W"][l] @ s["a"][l - 1] + s["b"][l][:, None]
        s["z"].append(z)
        if l < L:
            s["a"].append(problem.f(z))
    if problem.loss == "cross_entropy":
        s["z"][L] = 2 * problem.T - 1
    return s


class Method:
    def rounding(self, name):
        """The size of the terms whose difference a variable is, where they cancel."""
        return 0.0


class Dladmm(Method):
    def __init__(self, problem, W, b, rho=1e-6, nu=1e-6, mu=0.0, step=None, hidden=True):
        self.P, self.rho, self.nu, self.mu, self.step_rule = problem, rho, nu, mu, step or {"rule": "exact"}
        s = forward_start(problem, W, b)
        self.W, self.b, self.z, self.a = s["W"], s["b"], s["z"], s["a"]
        self.L = len(self.W) - 1
        self.u = np.zeros_like(self.z[self.L])
        self.hidden = hidden

    def c(self, l):
        return self.rho if l == self.L else self.nu

    def E(self, l):
        return self.W[l] @ self.a[l - 1] + self.b[l][:, None] - self.z[l]

    def Et(self, l):
        return self.E(l) - (self.u / self.rho if l == self.L else 0)

    def up_W(self, l):
        A, c = self.a[l - 1], self.c(l)
        g = c * self.Et(l) @ A.T + self.mu * self.W[l]
        if not np.any(g):
            return
        tau = tau_of(self.step_rule, g, c * (g @ A) @ A.T + self.mu * g, lambda: c * largest(A @ A.T) + self.mu)
        self.W[l] = self.W[l] - g / tau

    def up_b(self, l):
        self.b[l] = self.b[l] - self.Et(l).mean(axis=1)

    def up_a(self, l):
        c, W = self.c(l + 1), self.W[l + 1]
        g = c * W.T @ self.Et(l + 1) + self.nu * (self.a[l] - self.P.f(self.z[l]))
        if not np.any(g):
            return
        tau = tau_of(self.step_rule, g, c * W.T @ (W @ g) + self.nu * g, lambda: c * largest(W.T @ W) + self.nu)
        self.a[l] = self.a[l] - g / tau

    def up_z(self, l):
        self.z[l] = self.P.hidden(1, self.W[l] @ self.a[l - 1] + self.b[l][:, None], self.a[l])

    def up_zL(self):
        L = self.L
        self.z[L] = self.P.prox(self.rho, self.W[L] @ self.a[L - 1] + self.b[L][:, None] - self.u / self.rho)

    def step(self):
        L = self.L
        self.up_zL(), self.up_b(L), self.up_W(L)
        if self.hidden:
            for l in range(L - 1, 0, -1):
                self.up_a(l), self.up_z(l), self.up_b(l), self.up_W(l)
            for l in range(1, L):
                self.up_W(l), self.up_b(l), self.up_z(l), self.up_a(l)
        self.up_W(L), self.up_b(L), self.up_zL()
        self.u = self.u - self.rho * self.E(L)

    def objective(self):
        P, r = self.P, -self.E(self.L)
        value = P.R(self.z[self.L]) + sum(self.mu / 2 * np.sum(w**2) for w in self.W[1:])
        for l in range(1, self.L):
            value += self.nu / 2 * (np.sum(self.E(l) ** 2) + np.sum((self.a[l] - P.f(self.z[l])) ** 2))
        return value + np.sum(self.u * r) + self.rho / 2 * np.sum(r**2)

    def residual(self):
        return np.sum(self.E(self.L) ** 2)

    def state(self):
        s = {"u": self.u}
        for l in range(1, self.L + 1):
            s |= {f"W{l}": self.W[l], f"b{l}": self.b[l], f"z{l}": self.z[l]}
            if l < self.L:
                s[f"a{l}"] = self.a[l]
        return s


class Mdlam(Method):
    """ReLU only."""

    def __init__(self, problem, W, b, rho=1e-3, mu=0.0, accelerate=True, eps=None, step=None,
                 decay="proximal"):
        eps, self.decay, self.redos = eps or {}, decay, 0
        self.P, self.rho, self.mu, self.acc, self.rule = problem, rho, mu, accelerate, step or {"rule": "exact"}
        self.eps, self.factor, self.floor = eps.get("initial", 100.0), eps.get("factor", 0.5), eps.get("floor", 1e-3)
        s = forward_start(problem, W, b)
        self.W, self.b, self.z, self.a = s["W"], s["b"], s["z"], s["a"]
        self.L = len(self.W) - 1
        self.W_old = [None if w is None else w.copy() for w in self.W]
        self.a_old = [v.copy() for v in self.a]
        self.s, self.k = 0.0, 0

    def E(self, l):
        return self.W[l] @ self.a[l - 1] + self.b[l][:, None] - self.z[l]

    def F(self):
        return (self.P.R(self.z[self.L]) + sum(self.mu / 2 * np.sum(w**2) for w in self.W[1:])
                + sum(self.rho / 2 * np.sum(self.E(l) ** 2) for l in range(1, self.L + 1)))

    def W_from(self, l, bar):
        A = self.a[l - 1]
        g = self.rho * (bar @ A + self.b[l][:, None] - self.z[l]) @ A.T
        if self.decay == "gradient":
            g = g + self.mu * bar
        if not np.any(g):
            return bar
        if self.decay == "gradient":
            tau = tau_of(self.rule, g, self.rho * (g @ A) @ A.T + self.mu * g,
                         lambda: self.rho * largest(A @ A.T) + self.mu)
            return bar - g / tau
        theta = tau_of(self.rule, g, self.rho * (g @ A) @ A.T, lambda: self.rho * largest(A @ A.T))
        return (theta * bar - g) / (theta + self.mu)

    def a_from(self, l, bar):
        W = self.W[l + 1]
        g = self.rho * W.T @ (W @ bar + self.b[l + 1][:, None] - self.z[l + 1])
        f = self.P.f(self.z[l])
        if not np.any(g):
            return np.clip(bar, f - self.eps, f + self.eps)
        tau = tau_of(self.rule, g, self.rho * W.T @ (W @ g), lambda: self.rho * largest(W.T @ W))
        while True:
            cand = np.clip(bar - g / tau, f - self.eps, f + self.eps)
            D = cand - bar
            # Without clipping the two sides are equal by the choice of tau (rule exact): rounding must not decide.
            if self.rho * np.sum((W @ D) ** 2) <= tau * np.sum(D**2) * (1 + 1e-12):
                return cand
            tau *= 2

    def guarded(self, values, l, bar, update):
        plain = values[l]
        before = self.F()
        values[l] = update(l, bar)
        if self.acc and self.F() > before and bar is not plain:
            values[l] = plain
            values[l] = update(l, plain)
            self.redos += 1

    def step(self):
        s_next = (1 + np.sqrt(1 + 4 * self.s**2)) / 2
        omega = (self.s - 1) / s_next if self.k >= 1 and self.acc else 0.0
        for l in range(1, self.L + 1):
            W = self.W[l]
            bar = W + omega * (W - self.W_old[l]) if omega != 0 else W
            self.W_old[l] = W
            self.guarded(self.W, l, bar, self.W_from)
            self.b[l] = self.b[l] - self.E(l).mean(axis=1)
            m = self.W[l] @ self.a[l - 1] + self.b[l][:, None]
            if l == self.L:
                self.z[l] = self.P.prox(self.rho, m)
                break
            a = self.a[l]
            B2 = a + self.eps
            B1 = np.where(a - self.eps > 0, a - self.eps, -np.inf)
            self.z[l] = np.where(a < -self.eps, np.minimum(m, a + self.eps), np.clip(m, B1, B2))
            bar = a + omega * (a - self.a_old[l]) if omega != 0 else a
            self.a_old[l] = a
            self.guarded(self.a, l, bar, self.a_from)
        self.s, self.k = s_next, self.k + 1
        self.eps = max(self.eps * self.factor, self.floor)

    objective = F

    def residual(self):
        return sum(np.sum(self.E(l) ** 2) for l in range(1, self.L + 1))

    def state(self):
        s = {}
        for l in range(1, self.L + 1):
            s |= {f"W{l}": self.W[l], f"b{l}": self.b[l], f"z{l}": self.z[l]}
            if l < self.L:
                s[f"a{l}"] = self.a[l]
        return s


class Pdadmm(Method):
    def __init__(self, problem, W, b, rho=1e-4, nu=1e-4, mu=0.0, step=None):
        self.P, self.rho, self.nu, self.mu, self.rule = problem, rho, nu, mu, step or {"rule": "exact"}
        s = forward_start(problem, W, b)
        self.W, self.b, self.z = s["W"], s["b"], s["z"]
        self.L = len(self.W) - 1
        self.q = [None] + [v.copy() for v in s["a"][1:]]
        self.p = [None, problem.x] + [v.copy() for v in s["a"][1:]]
        self.u = [None] + [np.zeros_like(v) for v in self.q[1:]]

    def m(self, l):
        return self.W[l] @ self.p[l] + self.b[l][:, None]

    def step(self):
        L, rho, nu, mu = self.L, self.rho, self.nu, self.mu
        for l in range(2, L + 1):
            W = self.W[l]
            g = nu * W.T @ (self.m(l) - self.z[l]) + self.u[l - 1] + rho * (self.p[l] - self.q[l - 1])
            if np.any(g):
                tau = tau_of(self.rule, g, nu * W.T @ (W @ g) + rho * g, lambda: nu * largest(W.T @ W) + rho)
                self.p[l] = self.p[l] - g / tau
        for l in range(1, L + 1):
            A = self.p[l]
            g = nu * (self.m(l) - self.z[l]) @ A.T + mu * self.W[l]
            if np.any(g):
                tau = tau_of(self.rule, g, nu * (g @ A) @ A.T + mu * g, lambda: nu * largest(A @ A.T) + mu)
                self.W[l] = self.W[l] - g / tau
        for l in range(1, L + 1):
            self.b[l] = (self.z[l] - self.W[l] @ self.p[l]).mean(axis=1)
        for l in range(1, L):
            self.z[l] = self.P.hidden(2, (self.m(l) + self.z[l]) / 2, self.q[l])
        self.z[L] = self.P.prox(nu, self.m(L))
        for l in range(1, L):
            self.q[l] = (rho * self.p[l + 1] + self.u[l] + nu * self.P.f(self.z[l])) / (rho + nu)
        for l in range(1, L):
            self.u[l] = self.u[l] + rho * (self.p[l + 1] - self.q[l])

    def rounding(self, name):
        # u = nu (q - f(z)) cancels: before a layer has felt the loss it is rounding of nu q.
        return (self.rho + self.nu) * np.abs(self.q[int(name[1:])]).max() if name[0] == "u" else 0.0

    def objective(self):
        value = self.P.R(self.z[self.L]) + sum(self.mu / 2 * np.sum(w**2) for w in self.W[1:])
        for l in range(1, self.L + 1):
            value += self.nu / 2 * np.sum((self.z[l] - self.m(l)) ** 2)
        for l in range(1, self.L):
            r = self.p[l + 1] - self.q[l]
            value += self.nu / 2 * np.sum((self.q[l] - self.P.f(self.z[l])) ** 2)
            value += np.sum(self.u[l] * r) + self.rho / 2 * np.sum(r**2)
        return value

    def residual(self):
        return sum(np.sum((self.p[l + 1] - self.q[l]) ** 2) for l in range(1, self.L))

    def state(self):
        s = {}
        for l in range(1, self.L + 1):
            s |= {f"W{l}": self.W[l], f"b{l}": self.b[l], f"z{l}": self.z[l]}
            if l < self.L:
                s |= {f"q{l}": self.q[l], f"u{l}": self.u[l], f"p{l + 1}": self.p[l + 1]}
        return s


class FirstOrder(Method):
    """Full-batch gradient methods with PyTorch's formulas; `method` is the solver's name."""

    def __init__(self, problem, W, b, method, **p):
        self.P, self.method, self.p = problem, method, p
        self.W, self.b = [None] + [w.copy() for w in W[1:]], [None] + [v.copy() for v in b[1:]]
        self.L, self.t, self.m1, self.m2 = len(self.W) - 1, 0, {}, {}

    def forward(self):
        z, a = [None], [self.P.x]
        for l in range(1, self.L + 1):
            z.append(self.W[l] @ a[l - 1] + self.b[l][:, None])
            a.append(self.P.f(z[l]) if l < self.L else z[l])
        return z, a

    def step(self):
        z, a = self.forward()
        N = self.P.x.shape[1]
        delta = (softmax(z[self.L]) - self.P.T if self.P.loss == "cross_entropy" else z[self.L] - self.P.T) / N
        grads = {}
        for l in range(self.L, 0, -1):
            grads["W", l] = delta @ a[l - 1].T + self.p.get("mu", 0.0) * self.W[l]
            grads["b", l] = delta.sum(axis=1)
            if l > 1:
                delta = (self.W[l].T @ delta) * self.P.df(z[l - 1])
        self.t += 1
        for (kind, l), g in grads.items():
            values = self.W if kind == "W" else self.b
            values[l] = values[l] - self.move((kind, l), g)

    def move(self, key, g):
        p, zero = self.p, np.zeros_like(g)
        if self.method == "sgd":
            lr, m = p.get("learning_rate", 1e-3), p.get("momentum", 0.0)
            if m == 0:
                return lr * g
            v = self.m1[key] = g if self.t == 1 else m * self.m1[key] + g
            return lr * (g + m * v if p.get("nesterov", False) else v)
        if self.method == "adam":
            lr, b1, b2, e = (p.get("learning_rate", 1e-3), p.get("beta1", 0.9), p.get("beta2", 0.999),
                             p.get("epsilon", 1e-8))
            m = self.m1[key] = b1 * self.m1.get(key, zero) + (1 - b1) * g
            v = self.m2[key] = b2 * self.m2.get(key, zero) + (1 - b2) * g**2
            return lr * (m / (1 - b1**self.t)) / (np.sqrt(v / (1 - b2**self.t)) + e)
        if self.method == "adagrad":
            s = self.m1[key] = self.m1.get(key, zero) + g**2
            return p.get("learning_rate", 1e-2) * g / (np.sqrt(s) + p.get("epsilon", 1e-10))
        if self.method == "rmsprop":
            al = p.get("alpha", 0.99)
            s = self.m1[key] = al * self.m1.get(key, zero) + (1 - al) * g**2
            return p.get("learning_rate", 1e-2) * g / (np.sqrt(s) + p.get("epsilon", 1e-8))
        rho, e = p.get("rho", 0.9), p.get("epsilon", 1e-6)
        s = self.m1[key] = rho * self.m1.get(key, zero) + (1 - rho) * g**2
        d = np.sqrt(self.m2.get(key, zero) + e) / np.sqrt(s + e) * g
        self.m2[key] = rho * self.m2.get(key, zero) + (1 - rho) * d**2
        return p.get("learning_rate", 1.0) * d

    def objective(self):
        return self.P.R(self.forward()[0][self.L]) / self.P.x.shape[1]

    def residual(self):
        return None

    def state(self):
        return {f"W{l}": self.W[l] for l in range(1, self.L + 1)} | {f"b{l}": self.b[l] for l in range(1, self.L + 1)}


def make(solver, problem, W, b, params):
    if solver == "dladmm":
        return Dladmm(problem, W, b, **params)
    if solver == "last_layer":
        return Dladmm(problem, W, b, hidden=False, **params)
    if solver == "mdlam":
        return Mdlam(problem, W, b, **params)
    if solver == "dlam":
        return Mdlam(problem, W, b, accelerate=False, **params)
    if solver == "pdadmm":
        return Pdadmm(problem, W, b, **params)
    return FirstOrder(problem, W, b, solver, **params)
