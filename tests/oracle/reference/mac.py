"""docs/methods/mac.md#iteration: every unit and every sample by itself, systems solved densely."""

import numpy as np

from .bcd import forward
from .problem import Method, softmax


class Mac(Method):
    def __init__(self, problem, W, b, a_step="gauss_seidel", penalty=None, lam=1.0, output_steps=3, halvings=8, refit=True):
        super().__init__()
        self.P, self.a_step, self.lam = problem, a_step, lam
        self.output_steps, self.halvings = output_steps, halvings
        self.penalty = {"initial": 1.0, "factor": 10.0, "every": None, "tolerance": 1e-3, "cap": 1e6} | (penalty or {})
        self.W, self.b = [None] + [w.copy() for w in W[1:]], [None] + [v.copy() for v in b[1:]]
        self.L, self.mu, self.k = len(W) - 1, self.penalty["initial"], 0
        self.a = forward(problem, self.W, self.b)[1][:-1]
        self.c = 0.25 if problem.activation == "sigmoid" else 1.0
        self.h = 1.0 if problem.loss == "squared" else 0.5

    def T(self, l):
        return self.W[l] @ self.a[l - 1] + self.b[l][:, None]

    def gap(self, l):
        return self.a[l] - self.P.f(self.T(l))

    def loss_slope(self):
        z = self.T(self.L)
        return z - self.P.T if self.P.loss == "squared" else softmax(z) - self.P.T

    def shortened(self, error, before):
        """The first of t = 1, 1/2, ... at which the error is not larger; 0 if there is none."""
        for k in range(self.halvings + 1):
            if error(0.5**k) <= before:
                return 0.5**k
            self.note("backtracked")
        return 0.0

    def step(self):
        before = self.objective()
        for l in range(1, self.L):
            self.up_W(l)
        for _ in range(self.output_steps):
            self.up_W_L()
        if self.a_step == "joint":
            if self.L > 1:
                self.up_jointly()
        else:
            for l in range(self.L - 1, 0, -1):
                self.up_a(l)
        self.k += 1
        after, p = self.objective(), self.penalty
        due = self.k % p["every"] == 0 if p["every"] else before - after < p["tolerance"] * after
        if due and p["factor"] > 1:
            self.note("mu raised")
            self.mu = max(self.mu, min(p["cap"], p["factor"] * self.mu))

    def up_W(self, l):
        At = np.vstack([self.a[l - 1], np.ones(self.P.N)])
        M, T = self.c**2 * At @ At.T + self.lam * np.eye(len(At)), self.T(l)
        for h in range(len(T)):
            a, z = self.a[l][h], T[h]
            delta = np.linalg.solve(M, At @ (self.P.df(z) * (a - self.P.f(z))))
            error = lambda t: np.sum((a - self.P.f(z + t * delta @ At)) ** 2)
            t = self.shortened(error, error(0.0))
            self.W[l][h] += t * delta[:-1]
            self.b[l][h] += t * delta[-1]

    def up_W_L(self):
        L = self.L
        At = np.vstack([self.a[L - 1], np.ones(self.P.N)])
        delta = -np.linalg.solve(self.h * At @ At.T + self.lam * np.eye(len(At)), At @ self.loss_slope().T).T
        if self.P.R(self.T(L) + delta @ At) <= self.P.R(self.T(L)):
            self.W[L], self.b[L] = self.W[L] + delta[:, :-1], self.b[L] + delta[:, -1]

    def up_a(self, l):
        W, one = self.W[l + 1], np.eye(len(self.a[l]))
        if l == self.L - 1:
            right = -self.mu * self.gap(l) - W.T @ self.loss_slope()
            self.a[l] = self.a[l] + np.linalg.solve(self.mu * one + self.h * W.T @ W, right)
            return
        T, gap = self.T(l + 1), self.gap(l)
        right = -gap + W.T @ (self.P.df(T) * self.gap(l + 1))
        delta = np.linalg.solve(one + self.c**2 * W.T @ W, right)
        moved = self.a[l].copy()
        for n in range(self.P.N):
            error = lambda t: (np.sum((gap[:, n] + t * delta[:, n]) ** 2)
                               + np.sum((self.a[l + 1][:, n] - self.P.f(T[:, n] + t * W @ delta[:, n])) ** 2))
            moved[:, n] += self.shortened(error, error(0.0)) * delta[:, n]
        self.a[l] = moved

    def up_jointly(self):
        """Gauss-Newton by the whole Jacobian of a sample's residuals."""
        L, mu, P = self.L, self.mu, self.P
        sizes = [len(v) for v in self.a[1:]]
        at = np.concatenate([[0], np.cumsum(sizes)])
        T, slope = [None] + [self.T(l) for l in range(1, L + 1)], self.loss_slope()
        moved = [None] + [v.copy() for v in self.a[1:]]
        for n in range(P.N):
            J, r = np.eye(at[-1]), np.concatenate([self.gap(l)[:, n] for l in range(1, L)])
            for l in range(2, L):
                J[at[l - 1]:at[l], at[l - 2]:at[l - 1]] = -P.df(T[l][:, n])[:, None] * self.W[l]
            top = np.zeros((len(T[L]), at[-1]))
            top[:, at[-2]:] = self.W[L]
            step = np.linalg.solve(mu * J.T @ J + self.h * top.T @ top, -mu * J.T @ r - top.T @ slope[:, n])
            parts = [self.P.x[:, n] * 0] + [step[at[l - 1]:at[l]] for l in range(1, L)]

            def error(t):
                gaps = sum(np.sum((self.a[l][:, n] + t * parts[l]
                                   - P.f(T[l][:, n] + t * self.W[l] @ parts[l - 1])) ** 2) for l in range(1, L))
                z = (T[L][:, n] + t * self.W[L] @ parts[L - 1])[:, None]
                return P.of([n]).R(z) + mu / 2 * gaps

            t = self.shortened(error, error(0.0))
            for l in range(1, L):
                moved[l][:, n] += t * parts[l]
        self.a[1:] = moved[1:]

    def residual(self):
        return sum(np.sum(self.gap(l) ** 2) for l in range(1, self.L))

    def objective(self):
        return self.P.R(self.T(self.L)) + self.mu / 2 * self.residual()

    def variables(self):
        return {"W": self.W, "b": self.b, "a": [None] + self.a[1:]}


class TwoSplitting(Mac):
    """docs/methods/bcd.md#two-splittings: hidden units and samples as there, V_L a variable and mu constant."""

    def __init__(self, problem, W, b, gamma=1.0, alpha=5.0, halvings=8):
        super().__init__(problem, W, b, lam=alpha / gamma, halvings=halvings)
        self.gamma, self.alpha = gamma, alpha
        self.a.append(self.T(self.L))

    def gap(self, l):
        return super().gap(l) if l < self.L else self.a[l] - self.T(l)

    def step(self):
        gamma, alpha, L = self.gamma, self.alpha, self.L
        self.a[L] = self.P.prox(gamma + alpha, (gamma * self.T(L) + alpha * self.a[L]) / (gamma + alpha))
        At = np.vstack([self.a[L - 1], np.ones(self.P.N)])
        old = np.column_stack([self.W[L], self.b[L]])
        new = np.linalg.solve(gamma * At @ At.T + alpha * np.eye(len(At)), gamma * At @ self.a[L].T + alpha * old.T).T
        self.W[L], self.b[L] = new[:, :-1], new[:, -1]
        for l in range(L - 1, 0, -1):
            if l == L - 1:
                W = self.W[L]
                right = self.P.f(self.T(l)) + W.T @ (self.a[L] - self.b[L][:, None])
                self.a[l] = np.linalg.solve(np.eye(W.shape[1]) + W.T @ W, right)
            else:
                self.up_a(l)
            self.up_W(l)

    def residual(self):
        return sum(np.sum(self.gap(l) ** 2) for l in range(1, self.L + 1))

    def objective(self):
        return self.P.R(self.a[self.L]) + self.gamma / 2 * self.residual()
