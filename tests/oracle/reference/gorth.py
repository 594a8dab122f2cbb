"""docs/methods/gorth.md#iteration, in the coordinates of the weights: the momentum M_l is of e_l (P_{l-1} At_{l-1})^T / B itself,
and its root R_l is applied where a step is made. What the program keeps is V_l = R_l M_l."""

import numpy as np

from .gram_tp import GramTp, inverse, mean_diagonal, with_ones
from .problem import softmax


class Gorth(GramTp):
    def __init__(self, problem, W, b, signal="targets", eps_input=10.0, eps=3.0, label_smoothing=0.1, step=None, momentum=0.95,
                 output_root=None, head=None, mu=0.0, schedule=None, target_refresh=20, **shared):
        super().__init__(problem, W, b, eps_input=eps_input, eps=eps, momentum=momentum, mu=mu, schedule=schedule, **shared)
        self.rule = {"rule": "initial_norm", "length": 0.012, "relaxation": 1.0} | (step or {})
        self.signal, self.smoothing, self.target_refresh = signal, label_smoothing, target_refresh
        self.root = {"every": 10, "refresh": 20, "damping": 0.03, "keep": 0.9} | (output_root or {})
        self.head = {"rule": "adamw", "length": 0.012, "learning_rate": 3e-3, "beta1": 0.9, "beta2": 0.95,
                     "epsilon": 1e-8} | (head or {})
        self.whitened = range(1, self.L + (self.head["rule"] == "whitened"))
        self.eps_of = lambda l: eps_input if l == 1 else eps
        self.G[1] = with_ones(problem.x) @ with_ones(problem.x).T / problem.N
        if self.L not in self.whitened:
            self.metric[self.L] = np.eye(W[self.L].shape[1] + 1)
        self.norms = [None] + [np.linalg.norm(self.Wb[l]) for l in self.whitened]
        self.restart()

    def restart(self):
        self.M = [None] + [np.zeros_like(self.Wb[l]) for l in self.whitened]
        self.R = [None] + [np.eye(len(self.Wb[l])) for l in self.whitened]
        self.C = [None for _ in range(self.L + 1)]
        self.first, self.second = np.zeros_like(self.Wb[self.L]), np.zeros_like(self.Wb[self.L])
        self.taken = 0

    def up_metrics(self):
        due = self.t >= self.next_refresh
        observed = due or self.t % self.observe == 0
        for l in self.whitened[1:]:
            if observed:
                self.up_G(l)
            if due:
                self.metric[l] = inverse(self.G[l], self.eps)
        self.seen += observed
        made = self.signal == "targets" and (due or self.t % self.target_refresh == 0)
        for l in range(2, self.L + 1):
            if made or 4 * len(self.Wb[l]) <= self.B.N:
                self.K[l] = self.damped_inverse(l)
        if due:
            at_least, at_most = min(self.observe, self.refresh), self.refresh
            self.next_refresh = self.t + min(max(self.t, at_least), at_most)

    def propagate(self):
        if self.signal == "targets":
            self.propagate_targets()
            return
        z = self.m[self.L]
        self.e = {self.L: self.B.T - (softmax(z) if self.B.loss == "cross_entropy" else z)}
        for l in range(self.L, 1, -1):
            self.e[l - 1] = self.P.df(self.m[l - 1]) * (self.W[l].T @ self.e[l])
        self.pass_residuals.append(sum(np.sum(e**2) for e in self.e.values()) / self.B.N)

    def second_moments_are_due(self):
        return self.taken % self.root["every"] == 0 or self.taken in (1, 2, 3, 5, 7)

    def roots_are_due(self):
        return self.taken % self.root["refresh"] == 0 or (self.taken < 20 and self.second_moments_are_due())

    def up_whitened(self, l, s):
        b = self.momentum
        step = (1 - b) * self.direction(l, self.e[l])
        self.M[l] = b * self.M[l] + step
        U = b * self.M[l] + step
        if self.second_moments_are_due():
            self.up_C(l, U)
        if self.roots_are_due():
            self.R[l] = self.power(l, -0.5)
            self.note("root")
        H = self.R[l] @ U
        if np.any(H):
            length = self.rule["length"] if l < self.L else self.head["length"]
            self.Wb[l] = self.Wb[l] + s * length * self.norm_of(l) / np.linalg.norm(H) * H

    def norm_of(self, l):
        return self.norms[l]

    def up_C(self, l, U):
        G = self.G[l]
        A = U @ (G / mean_diagonal(G) + self.eps_of(l) * np.eye(len(G))) @ U.T
        if not np.trace(A) > 0:
            return
        A = A / mean_diagonal(A)
        keep = self.root["keep"]
        self.C[l] = A if self.C[l] is None else keep * self.C[l] + (1 - keep) * A

    def power(self, l, exponent):
        """(C_l + damping I)^exponent"""
        if self.C[l] is None:
            return np.eye(len(self.Wb[l]))
        values, Q = np.linalg.eigh(self.C[l])
        return (Q * (np.maximum(values, 0) + self.root["damping"]) ** exponent) @ Q.T

    def up_head(self, s):
        p, g = self.head, -self.direction(self.L, self.e[self.L])
        self.first = p["beta1"] * self.first + (1 - p["beta1"]) * g
        self.second = p["beta2"] * self.second + (1 - p["beta2"]) * g**2
        t = self.taken + 1
        m, v = self.first / (1 - p["beta1"]**t), self.second / (1 - p["beta2"]**t)
        self.Wb[self.L] = self.Wb[self.L] - s * p["learning_rate"] * m / (np.sqrt(v) + p["epsilon"])

    def up_batch(self):
        if self.rule["rule"] == "majorised" or self.majorised_left > 0:
            self.majorised_left = max(self.majorised_left - 1, 0)
            self.minimise_blocks()
            return
        self.propagate()
        s = self.schedule.factor(self.t / self.batches.count())
        for l in range(1, self.L + 1):
            self.Wb[l] = np.column_stack([self.shrunk(self.W[l], s), self.b[l]])
        s *= self.factor
        for l in self.whitened:
            self.up_whitened(l, s)
        if self.L not in self.whitened:
            self.up_head(s)
        self.taken += 1

    def go_back(self):
        super().go_back()
        self.restart()

    def smooth(self, batch):
        if batch.loss == "cross_entropy":
            batch.T = (1 - self.smoothing) * batch.T + self.smoothing / len(batch.T)
        return batch

    def variables(self):
        return super().variables() | {
            "V": [None] + [self.R[l] @ self.M[l] for l in self.whitened], "R": self.R,
            "S": [None] + [np.linalg.inv(self.R[l]) for l in self.whitened]}
