"""docs/methods/admm_taylor.md#iteration."""

import numpy as np

from .problem import Method, forward_start


class AdmmTaylor(Method):
    def __init__(self, problem, W, b, beta=1.0, gamma=10.0, multiplier=True, warm_up=10, growth=1.0, cap=1000.0):
        super().__init__()
        self.P, self.beta, self.gamma, self.multiplier, self.warm_up = problem, beta, gamma, multiplier, warm_up
        self.growth, self.cap, self.k, self.condition = growth, cap, 0, 1.0
        s = forward_start(problem, W, [None] + [0 * v for v in b[1:]])
        self.W, self.b, self.z, self.a = s["W"], s["b"], s["z"], s["a"]
        self.L = len(self.W) - 1
        self.lam = np.zeros_like(self.z[self.L])

    def m(self, l):
        return self.W[l] @ self.a[l - 1]

    def up_W(self, l):
        A = self.a[l - 1]
        # Singular values whose squares, the Gram matrix's eigenvalues, count as zero.
        cut = np.sqrt(max(A.shape) * np.finfo(float).eps)
        self.W[l] = self.z[l] @ np.linalg.pinv(A, rcond=cut)
        kept = np.linalg.svd(A, compute_uv=False)
        kept = kept[kept > cut * kept[0]]
        if len(kept) < min(A.shape):
            self.note("input of low rank")
        self.condition = max(self.condition, kept[0] / kept[-1])

    def up_a(self, l):
        W = self.W[l + 1]
        H = self.beta * W.T @ W + self.gamma * np.eye(W.shape[1])
        self.a[l] = np.linalg.solve(H, self.beta * W.T @ self.z[l + 1] + self.gamma * self.P.f(self.z[l]))

    def up_z(self, l):
        self.z[l] = self.P.hidden(self.beta / self.gamma, self.m(l), self.a[l])

    def up_zL(self):
        self.z[self.L] = self.P.prox(2 * self.beta, self.m(self.L) - self.lam / (2 * self.beta))

    def up_lambda(self):
        self.lam = self.lam + self.beta * (self.z[self.L] - self.m(self.L))

    def up_penalties(self):
        if self.growth != 1:
            self.beta = max(self.beta, min(self.growth * self.beta, self.cap))
            self.gamma = max(self.gamma, min(self.growth * self.gamma, self.cap))

    def step(self):
        for l in range(1, self.L):
            self.up_W(l), self.up_a(l), self.up_z(l)
        self.up_W(self.L), self.up_zL()
        if self.multiplier and self.k >= self.warm_up:
            self.up_lambda()
        self.k += 1
        self.up_penalties()

    def objective(self):
        value = self.P.R(self.z[self.L]) + np.sum(self.z[self.L] * self.lam)
        for l in range(1, self.L + 1):
            value += self.beta * np.sum((self.z[l] - self.m(l)) ** 2)
        for l in range(1, self.L):
            value += self.gamma * np.sum((self.a[l] - self.P.f(self.z[l])) ** 2)
        return value

    def residual(self):
        return np.sum((self.z[self.L] - self.m(self.L)) ** 2)

    def variables(self):
        return {"W": self.W, "b": self.b, "z": self.z, "a": [None] + self.a[1:]}

    def state(self):
        return super().state() | {"u": self.lam}
