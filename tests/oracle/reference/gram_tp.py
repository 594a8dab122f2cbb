"""docs/methods/gram_tp.md#iteration and #theory."""

import numpy as np

from .problem import Method, Schedule


def with_ones(a):
    return np.vstack([a, np.ones(a.shape[1])])


def mean_diagonal(M):
    return np.trace(M) / len(M)


def inverse(G, eps):
    return np.linalg.inv(G + eps * mean_diagonal(G) * np.eye(len(G)))


class Safeguard:
    """Watches the mean of the batches' losses."""

    def __init__(self, observe, on=True, rise=1.25, slack=0.05, window=20):
        self.observe, self.on, self.rise, self.slack, self.window = observe, on, rise, slack, window
        self.batches, self.kept_at, self.first = 0, 0, None
        self.restart()

    def restart(self):
        self.mean, self.in_mean, self.lowest = 0.0, 0, np.inf

    def verdict(self, loss):
        if not self.on:
            return "go on"
        batch = self.batches
        self.batches += 1
        self.first = loss if batch == 0 else self.first
        if not np.isfinite(loss):
            return "go on" if batch == 0 else "go back"
        self.in_mean = min(self.in_mean + 1, self.window)
        self.mean += (loss - self.mean) / self.in_mean
        if self.mean > self.rise * self.lowest + self.slack * self.first:
            return "go back"
        if self.mean > self.lowest:
            return "go on"
        self.lowest = self.mean
        if batch < self.kept_at + min(max(batch // 4, 1), self.observe):
            return "go on"
        self.kept_at = batch
        return "keep"


class GramTp(Method):
    def __init__(self, problem, W, b, batch_size=125, c=3.0, lam=1.0, eps_input=30.0, eps=3.0, step=None, momentum=0.5,
                 mu=0.0, schedule=None, safeguard=None, refresh=100, observe=20, keep=0.9, train="all"):
        super().__init__()
        self.P, self.L, self.c, self.lam, self.eps, self.momentum, self.mu = problem, len(W) - 1, c, lam, eps, momentum, mu
        self.rule = {"rule": "relative", "length": 0.06, "eta": [15.0, 5.0, 0.5], "relaxation": 1.0} | (step or {})
        self.refresh, self.observe, self.forget, self.train = refresh, observe, keep, train
        self.batches, self.schedule = problem.batches(batch_size), Schedule(problem.iterations, **schedule or {})
        self.Wb = [None] + [np.column_stack([W[l], b[l]]) for l in range(1, self.L + 1)]
        self.V = [None] + [np.zeros_like(w) for w in self.Wb[1:]]
        self.low = [None] + [w.copy() for w in self.Wb[1:]]
        x1 = with_ones(problem.x)
        self.metric = {1: inverse(x1 @ x1.T / problem.N, eps_input)}  # (G_{l-1} + eps g_{l-1} I)^{-1} by l
        self.G = {l: 0.0 for l in range(2, self.L + 1)}  # G_{l-1} by l
        self.K = {}
        self.seen, self.t, self.next_refresh = 0, 0, 0
        self.D_squares = {l: [] for l in range(1, self.L + 1)}
        self.W_squares = {l: [] for l in range(1, self.L + 1)}
        self.safeguard, self.factor, self.majorised_left = Safeguard(observe, **safeguard or {}), 1.0, 0
        self.pass_residuals = []

    @property
    def W(self):
        return [None] + [w[:, :-1] for w in self.Wb[1:]]

    @property
    def b(self):
        return [None] + [w[:, -1] for w in self.Wb[1:]]

    def trains(self, l):
        return self.train == "all" or (l == self.L) == (self.train == "last_layer")

    def lowest(self):
        """Below it no layer needs a target."""
        return self.L if self.train == "last_layer" else 1

    # A batch.

    def forward(self):
        self.a, self.m = [self.B.x], [None]
        for l in range(1, self.L + 1):
            self.m.append(self.Wb[l] @ with_ones(self.a[l - 1]))
            self.a.append(self.P.f(self.m[l]))

    def up_metrics(self):
        due = self.t >= self.next_refresh
        observed = False
        for l in range(max(2, self.lowest()), self.L + 1):
            if self.trains(l):
                if due or self.t % self.observe == 0:
                    self.up_G(l)
                    observed = True
                if due:
                    self.metric[l] = inverse(self.G[l], self.eps)
            if l > self.lowest() and (due or 4 * len(self.Wb[l]) <= self.B.N):
                self.K[l] = self.damped_inverse(l)
        self.seen += observed
        if due:
            at_least, at_most = min(self.observe, self.refresh), self.refresh
            self.next_refresh = self.t + min(max(self.t, at_least), at_most)

    def up_G(self, l):
        At = with_ones(self.a[l - 1])
        old = min(self.forget, self.seen / (self.seen + 1))
        self.G[l] = old * self.G[l] + (1 - old) * At @ At.T / self.B.N

    def damping(self, l):
        W = self.W[l]
        return self.lam * mean_diagonal(W @ W.T)

    def damped_inverse(self, l):
        """K_l"""
        W = self.W[l]
        return np.linalg.solve(W @ W.T + self.damping(l) * np.eye(len(W)), W)

    def output_target(self):
        """e_L"""
        return self.B.prox(self.c, self.m[self.L]) - self.m[self.L]

    def region_step(self, l, da):
        """What z_l may do of a_l's step da: one majorised step on the tangent of f at m_l."""
        steepest = 0.25 if self.P.activation == "sigmoid" else 1.0
        return self.P.df(self.m[l]) * da / steepest**2

    def direction(self, l, e):
        return e @ with_ones(self.a[l - 1]).T / self.B.N @ self.metric[l]

    # A step of a length that is given or measured.

    def propagate_targets(self):
        self.e = {self.L: self.output_target()}
        for l in range(self.L, self.lowest(), -1):
            self.e[l - 1] = self.region_step(l - 1, self.K[l].T @ self.e[l])
        self.pass_residuals.append(sum(np.sum(e**2) for e in self.e.values()) / self.B.N)

    def eta(self, l, D):
        if self.rule["rule"] == "fixed":
            given = self.rule["eta"]
            return given[-1] if l == self.L else given[min(l - 1, max(len(given) - 2, 0))]
        if self.t < self.observe or self.t % self.observe == 0:
            self.D_squares[l].append(np.sum(D**2))
            self.W_squares[l].append(np.sum(self.Wb[l] ** 2))
        return self.rule["length"] / self.L * np.sqrt(np.mean(self.W_squares[l]) / np.mean(self.D_squares[l]))

    def up_W(self, l, D):
        s = self.schedule.factor(self.t / self.batches.count())
        self.V[l] = self.momentum * self.V[l] + s * self.factor * self.eta(l, D) * D
        W, b = self.W[l], self.b[l]
        self.Wb[l] = np.column_stack([self.shrunk(W, s), b]) + self.V[l]

    def shrunk(self, W, s):
        return (1 - s * self.mu) * W

    # A majorised step: Proposition 1.

    def minimise_blocks(self):
        e = {self.L: self.output_target()}
        a = list(self.a)
        for l in range(self.L, self.lowest(), -1):
            self.K[l] = self.damped_inverse(l)
            da = self.K[l].T @ e[l]
            a[l - 1] = self.a[l - 1] + da
            dz = self.region_step(l - 1, da)
            left = a[l - 1] - self.P.f(self.m[l - 1] + dz)
            e[l - 1] = np.where(dz**2 + left**2 <= da**2, dz, 0.0)
            e[l] = e[l] - self.W[l] @ da
        self.a = a
        total = 0.0
        for l in range(self.lowest(), self.L + 1):
            total += self.up_W_majorised(l, e[l]) if self.trains(l) else np.sum(e[l] ** 2)
        self.pass_residuals.append(total / self.B.N)
        self.note("majorised batch")

    def up_W_majorised(self, l, e):
        """What is left of ||W_l a_{l-1} + b_l - z_l||^2."""
        D = self.direction(l, e)
        moved = D @ with_ones(self.a[l - 1])
        slope, curvature = np.sum(e * moved), np.sum(moved**2)
        if not (slope > 0 and curvature > 0):
            return np.sum(e**2)
        eta = self.rule["relaxation"] * slope / curvature
        self.Wb[l] = self.Wb[l] + eta * D
        return np.sum((e - eta * moved) ** 2)

    def go_back(self):
        self.Wb = [None] + [w.copy() for w in self.low[1:]]
        self.V = [None] + [np.zeros_like(w) for w in self.V[1:]]
        self.factor /= 2
        self.majorised_left = self.safeguard.window
        self.safeguard.restart()
        self.next_refresh = self.t + 1
        self.note("gone back")

    def step(self):
        self.pass_residuals = []
        for samples in self.batches.next_pass():
            self.B = self.smooth(self.P.of(samples))
            self.forward()
            verdict = self.safeguard.verdict(self.B.R(self.m[self.L]) / self.B.N)
            if verdict == "go back":
                self.go_back()
            else:
                if verdict == "keep":
                    self.low = [None] + [w.copy() for w in self.Wb[1:]]
                self.up_metrics()
                self.up_batch()
            self.t += 1

    def smooth(self, batch):
        """The batch with the labels that are trained on."""
        return batch

    def up_batch(self):
        if self.rule["rule"] == "majorised" or self.majorised_left > 0:
            self.majorised_left = max(self.majorised_left - 1, 0)
            self.minimise_blocks()
            return
        self.propagate_targets()
        for l in range(1, self.L + 1):
            if self.trains(l):
                self.up_W(l, self.direction(l, self.e[l]))

    def objective(self):
        a = self.P.x
        for l in range(1, self.L + 1):
            z = self.Wb[l] @ with_ones(a)
            a = self.P.f(z)
        return self.P.R(z) / self.P.N

    def residual(self):
        return float(np.mean(self.pass_residuals)) if self.pass_residuals else 0.0

    def variables(self):
        return {"W": self.W, "b": self.b}
