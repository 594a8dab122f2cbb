"""docs/methods/controls.md#iteration."""

import numpy as np

from .gradient import Adam, Sgd
from .problem import softmax


class MonoForward(Adam):
    """Every layer with its classifier as a network of its own; Adam for every array."""

    def __init__(self, problem, W, b, **p):
        super().__init__(problem, W, b, **p)
        self.M = [None] + [np.zeros((len(W[-1]), len(W[l]))) for l in range(1, self.L - 1)]

    def slope(self, batch, g):
        return (softmax(g) - batch.T if batch.loss == "cross_entropy" else g - batch.T) / batch.N

    def gradient(self, batch):
        z, a = self.forward(batch.x)
        found = {}
        for l in range(1, self.L):
            head = self.M[l] if l < self.L - 1 else self.W[self.L]
            bias = 0 if l < self.L - 1 else self.b[self.L][:, None]
            top = self.slope(batch, head @ a[l] + bias)
            if l < self.L - 1:
                found["M", l] = top @ a[l].T
            delta = (head.T @ top) * self.P.df(z[l])
            found["W", l], found["b", l] = delta @ a[l - 1].T + self.mu * self.W[l], delta.sum(axis=1)
        top = self.slope(batch, z[self.L])
        found["W", self.L], found["b", self.L] = top @ a[self.L - 1].T + self.mu * self.W[self.L], top.sum(axis=1)
        return found

    def variables(self):
        return super().variables() | {"M": self.M}


class Proxprop(Sgd):
    """The proximal problem solved as such, as least squares in stacked form."""

    defaults = {"learning_rate": 1.0, "momentum": 0.95, "nesterov": True, "tau": 0.05}

    def gradient(self, batch):
        plain = super().gradient(batch)
        z, a = self.forward(batch.x)
        delta = softmax(z[self.L]) - batch.T if batch.loss == "cross_entropy" else z[self.L] - batch.T
        delta = delta / batch.N
        for l in range(self.L - 1, 0, -1):
            delta = (self.W[l + 1].T @ delta) * self.P.df(z[l])
            At = np.vstack([a[l - 1], np.ones(batch.N)])
            old = np.column_stack([self.W[l], self.b[l]])
            root = 1 / np.sqrt(self.p["tau"])
            left = np.vstack([At.T, root * np.eye(len(At))])
            right = np.vstack([(z[l] - delta).T, root * old.T])
            new = np.linalg.lstsq(left, right, rcond=None)[0].T
            plain["W", l], plain["b", l] = (old - new)[:, :-1], (old - new)[:, -1]
        return plain


class AmAdam(Adam):
    defaults = {"learning_rate": 0.008, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "decoupled": False, "penalty": 0.003,
                "code_steps": 5, "code_rate": 0.3, "code_momentum": 0.9}

    def own_slope(self, batch, l, inputs, c, weight):
        """Of layer l's error in W_l inputs + b_l."""
        z = self.W[l] @ inputs + self.b[l][:, None]
        if l < self.L:
            return 2 * (z - c) / z.size
        return weight * (softmax(z) - batch.T if batch.loss == "cross_entropy" else z - batch.T) / batch.N

    def codes(self, batch):
        z, _ = self.forward(batch.x)
        c, f, df, p = list(z), self.P.f, self.P.df, self.p
        for l in range(self.L - 1, 0, -1):
            velocity = 0
            for _ in range(p["code_steps"]):
                slope = self.own_slope(batch, l + 1, f(c[l]), c[l + 1], 1 / p["penalty"])
                g = (self.W[l + 1].T @ slope) * df(c[l]) + 2 * (c[l] - z[l]) / z[l].size
                velocity = p["code_momentum"] * velocity + g
                c[l] = c[l] - p["code_rate"] * (g + p["code_momentum"] * velocity)
        return c

    def gradient(self, batch):
        c, found = self.codes(batch), {}
        for l in range(1, self.L + 1):
            inputs = batch.x if l == 1 else self.P.f(c[l - 1])
            slope = self.own_slope(batch, l, inputs, c[l], 1)
            found["W", l], found["b", l] = slope @ inputs.T, slope.sum(axis=1)
        return found
