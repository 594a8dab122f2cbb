"""docs/problem.md in NumPy, float64: the problem, its blocks and step rules. Written for clarity and from the page alone."""

import numpy as np

from .random_streams import Batches

ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1.0, 0.01)),
    "identity": (lambda z: z, lambda z: np.ones_like(z)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (lambda z: np.where(z < 0, np.exp(-np.abs(z)), 1) / (1 + np.exp(-np.abs(z))),
                lambda z: np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) ** 2),
    "sign": (lambda z: np.where(z < 0, -1.0, 1.0), lambda z: np.zeros_like(z)),
    "step": (lambda z: np.where(z < 0, 0.0, 1.0), lambda z: np.zeros_like(z)),
}
JUST_BELOW = -np.finfo(float).tiny  # the side of 0 on which sign and step have their lower value, 0 belonging to the other


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


class Problem:
    """Samples in columns; a run of `iterations` with the seed `seed`."""

    def __init__(self, x, targets, loss, activation="relu", iterations=0, seed=0):
        self.x, self.T, self.loss = x, targets, loss
        self.f, self.df = ACTIVATIONS[activation]
        self.activation, self.iterations, self.seed = activation, iterations, seed

    @property
    def N(self):
        return self.x.shape[1]

    def of(self, samples):
        """The same with some of the samples only."""
        return Problem(self.x[:, samples], self.T[:, samples], self.loss, self.activation, self.iterations, self.seed)

    def at(self, x):
        """The same with other inputs, those of a network's upper layers."""
        return Problem(x, self.T, self.loss, self.activation, self.iterations, self.seed)

    def batches(self, size):
        return Batches(self.N, size, self.seed)

    def R(self, z):
        if self.loss == "squared":
            return 0.5 * np.sum((z - self.T) ** 2)
        peak = z.max(axis=0)
        return np.sum(np.log(np.exp(z - peak).sum(axis=0)) + peak - (z * self.T).sum(axis=0))

    def training_cost(self, W, b, layers):
        """Mean loss of the forward pass."""
        a = self.x
        for l in range(1, layers + 1):
            z = W[l] @ a + b[l][:, None]
            a = self.f(z)
        return self.R(z) / self.N

    def prox(self, c, m):
        """argmin R(z) + c/2 ||z - m||^2, to rounding: damped Newton with a dense solve per column."""
        if self.loss == "squared":
            return (self.T + c * m) / (1 + c)
        out = np.empty_like(m)
        for n in range(m.shape[1]):
            y, mn = self.T[:, n], m[:, n]
            value = lambda z: np.log(np.exp(z - z.max()).sum()) + z.max() - y @ z + c / 2 * np.sum((z - mn) ** 2)
            z = mn.copy()
            smallest, stalled = np.inf, 0
            for _ in range(2000):
                p = softmax(z[:, None])[:, 0]
                g = p - y + c * (z - mn)
                # For small c rounding moves z for ever: enough once ten steps have not halved the gradient.
                stalled = stalled + 1 if np.abs(g).max() > smallest / 2 else 0
                smallest = min(smallest, np.abs(g).max())
                if stalled >= 10 and smallest <= 1e-12:
                    break
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
        if self.activation in ("sign", "step"):
            minus, plus = np.minimum(m, JUST_BELOW), np.maximum(m, 0)
            h = lambda z: w * (z - m) ** 2 + (a - self.f(z)) ** 2
            return np.where(h(minus) > h(plus), plus, minus)
        # Dense grid, then golden-section refinement around its best point.
        h = lambda z: w * (z - m) ** 2 + (a - self.f(z)) ** 2
        radius = np.abs(a - self.f(m)) / np.sqrt(w) + 1e-12
        grid = np.linspace(-1, 1, 801)
        values = np.stack([h(m + radius * g) for g in grid])
        best = grid[values.argmin(axis=0)]
        step = grid[1] - grid[0]
        low, high = m + radius * (best - step), m + radius * (best + step)
        slope = lambda z: w * (z - m) - (a - self.f(z)) * self.df(z)
        for _ in range(60):
            mid = (low + high) / 2
            up = slope(mid) < 0
            low, high = np.where(up, mid, low), np.where(up, high, mid)
        return (low + high) / 2

    def two_term_hidden(self, m, before, q):
        """Of the minimisers of (z - m)^2 + (q - f(z))^2 + (z - before)^2 on z <= 0 and on z >= 0 the one with the smaller sum
        of the first two; activations that are not piecewise linear have one branch."""
        slope = {"relu": 0.0, "leaky_relu": 0.01}.get(self.activation)
        if slope is None:
            return self.hidden(2, (m + before) / 2, q)
        minus = np.minimum((m + before + slope * q) / (2 + slope**2), 0)
        plus = np.maximum((m + before + q) / 3, 0)
        h = lambda z: (z - m) ** 2 + (q - self.f(z)) ** 2
        return np.where(h(minus) > h(plus), plus, minus)


def largest(M):
    return np.linalg.eigvalsh(M).max()


class StepRule:
    """1/tau is the length of a step v <- v - g/tau in an objective with Hessian H."""

    def __init__(self, rule="exact", initial=1.0, growth=2.0):
        self.rule, self.initial, self.growth = rule, initial, growth

    def tau(self, g, Hg, lambda_max, flat=0.0):
        """`flat`: the curvature where g = 0 gives none."""
        kappa = np.sum(g * Hg) / np.sum(g * g) if np.any(g) else flat
        if self.rule == "exact":
            return kappa
        if self.rule == "lipschitz":
            return lambda_max()
        tau = self.initial
        while tau < kappa:
            tau *= self.growth
        return tau


class Regularizer:
    """Omega, added to every W-step beside mu."""

    def __init__(self, kind="none", weight=0.0, share=0.1, spacing=1.0, levels=3):
        self.kind, self.weight, self.share, self.spacing, self.levels = kind, weight, share, spacing, levels

    def prox(self, tau, W):
        """argmin_V Omega(V) + (tau/2) ||V - W||^2; a number or a tau for every entry"""
        if self.kind == "l1":
            return np.sign(W) * np.maximum(np.abs(W) - self.weight / tau, 0)
        return self.nearest(W)

    def nearest(self, W):
        """of the points that a constraint allows"""
        if self.kind == "non_negative":
            return np.maximum(W, 0)
        if self.kind == "sparse":
            V = np.zeros(W.size)
            kept = np.argsort(-np.abs(W.ravel()))[:int(np.floor(self.share * W.size))]
            V[kept] = W.ravel()[kept]
            return V.reshape(W.shape)
        if self.kind == "levels":
            values = self.spacing * np.sqrt(2 / W.shape[1]) * (np.arange(self.levels) - (self.levels - 1) / 2)
            return values[np.argmin(np.abs(W[..., None] - values), axis=-1)]
        return W

    def value(self, W):
        return self.weight * np.abs(W).sum() if self.kind == "l1" else 0.0


def is_rounding(E, z):
    """Whether E = m - z, or all that there is of it, is what rounding left of a layer that fits."""
    return np.abs(E).max() <= 1e-13 * np.abs(z).max()


# Of the test of a step that may have been bent. One that was not passes it with equality: rounding must not decide.
SLACK = 1 + 1e-12


def weight_step(rule, omega, c, mu, A, E, W):
    """W - g/tau for (c/2) ||E||^2 + (mu/2) ||W||^2, E = W A + ... ; with a regulariser prox_{Omega/tau} of it."""
    g = c * E @ A.T + mu * W
    if omega.kind == "none" and not np.any(g):
        return W
    tau = rule.tau(g, c * (g @ A) @ A.T + mu * g, lambda: c * largest(A @ A.T) + mu, flat=mu)
    if omega.kind == "none":
        return W - g / tau
    tau = tau if tau > 0 else rule.initial
    while True:
        new = omega.prox(tau, W - g / tau)
        D = new - W
        if c * np.sum((D @ A) ** 2) + mu * np.sum(D**2) <= tau * np.sum(D**2) * SLACK:
            return new
        tau *= 2


class Schedule:
    """s, the factor on a step length after a number of passes."""

    def __init__(self, iterations, shape="constant", epochs="run", warm_up=0.0):
        self.shape, self.epochs, self.warm_up = shape, iterations if epochs == "run" else epochs, warm_up

    def factor(self, passes):
        if passes < self.warm_up:
            return passes / self.warm_up
        t = min(1.0, (passes - self.warm_up) / (self.epochs - self.warm_up))
        return {"constant": 1.0, "linear": 1 - t, "half": min(1.0, 2 * (1 - t)),
                "cosine": (1 + np.cos(np.pi * t)) / 2}[self.shape]


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
    """A method's state after `iterations` calls of step(). W, b, ... are lists with None in place of the layer 0."""

    # Prefixes of variables that only the shape is compared of: eigenvectors, whose sign and, where eigenvalues are equal,
    # directions are LAPACK's choice, and what is expressed in them. What is made of them is compared.
    without_unique_form = ()

    def __init__(self):
        self.events = {}
        # A regularised step has been made where the smooth part has no slope, or a slope of rounding: its length differs with the
        # kernels of the BLAS, in the program as here.
        self.decided_by_rounding = False

    def note(self, event):
        """Counts what not every case does, so that check.py can tell whether any did."""
        self.events[event] = self.events.get(event, 0) + 1

    def rounding(self, name):
        """The size of the terms whose difference a variable is, where they cancel."""
        return 0.0

    def variables(self):
        """By the letter of its name, each variable's list over the layers."""
        raise NotImplementedError

    def state(self):
        """By the names of docs/problem.md: W1, b1, z1, ..."""
        return {f"{letter}{l}": value for letter, values in self.variables().items()
                for l, value in enumerate(values) if value is not None}
