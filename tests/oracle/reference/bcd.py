"""docs/methods/bcd.md#iteration and docs/methods/sigmoid_admm.md#iteration: explicit normal equations, solved densely."""

import numpy as np

from .problem import Method


def forward(problem, W, b):
    z, a = [None], [problem.x]
    for l in range(1, len(W)):
        z.append(W[l] @ a[l - 1] + b[l][:, None])
        a.append(problem.f(z[l]) if l < len(W) - 1 else z[l])
    return z, a


class Bcd(Method):
    def __init__(self, problem, W, b, gamma=1.0, rho=1.0, alpha=5.0):
        super().__init__()
        self.P, self.gamma, self.rho, self.alpha = problem, gamma, rho, alpha
        self.W, self.b = [None] + [w.copy() for w in W[1:]], [None] + [v.copy() for v in b[1:]]
        self.L = len(W) - 1
        self.U, self.V = forward(problem, self.W, self.b)

    def m(self, l):
        return self.W[l] @ self.V[l - 1] + self.b[l][:, None]

    def step(self):
        gamma, rho, alpha, L, U, V = self.gamma, self.rho, self.alpha, self.L, self.U, self.V
        V[L] = self.P.prox(gamma + alpha, (gamma * U[L] + alpha * V[L]) / (gamma + alpha))
        U[L] = (gamma * V[L] + rho * self.m(L)) / (gamma + rho)
        for l in range(L, 0, -1):
            A = V[l - 1]
            M = alpha * np.eye(len(A)) + rho * A @ A.T
            self.W[l] = np.linalg.solve(M, (alpha * self.W[l] + rho * (U[l] - self.b[l][:, None]) @ A.T).T).T
            rest = (U[l] - self.W[l] @ A).sum(axis=1)
            self.b[l] = (alpha * self.b[l] + rho * rest) / (rho * A.shape[1] + alpha)
            if l > 1:
                self.up_V(l - 1), self.up_U(l - 1)

    def up_V(self, l):
        W = self.W[l + 1]
        right = self.rho * W.T @ (self.U[l + 1] - self.b[l + 1][:, None]) + self.gamma * self.P.f(self.U[l])
        self.V[l] = np.linalg.solve(self.rho * W.T @ W + self.gamma * np.eye(W.shape[1]), right)

    def up_U(self, l):
        weight = self.rho + self.alpha
        self.U[l] = self.P.hidden(weight / self.gamma, (self.rho * self.m(l) + self.alpha * self.U[l]) / weight, self.V[l])

    def residual(self):
        return sum(np.sum((self.U[l] - self.m(l)) ** 2) for l in range(1, self.L + 1))

    def objective(self):
        value = self.P.R(self.V[self.L]) + self.rho / 2 * self.residual()
        for l in range(1, self.L + 1):
            f_U = self.P.f(self.U[l]) if l < self.L else self.U[l]
            value += self.gamma / 2 * np.sum((self.V[l] - f_U) ** 2)
        return value

    def variables(self):
        return {"W": self.W, "b": self.b, "z": self.U, "a": [None] + self.V[1:]}


class SigmoidAdmm(Method):
    def __init__(self, problem, W, b, beta=1.0, lam=1e-6):
        super().__init__()
        self.P, self.beta, self.lam, self.L = problem, beta, lam, len(W) - 1
        self.W, self.b = [None] + [w.copy() for w in W[1:]], [None] + [v.copy() for v in b[1:]]
        self.V = forward(problem, self.W, self.b)[1]
        self.Lam = [None] + [np.zeros_like(v) for v in self.V[1:]]

    def T(self, l):
        return self.W[l] @ self.V[l - 1] + self.b[l][:, None]

    def F(self, l):
        return self.P.f(self.T(l)) if l < self.L else self.T(l)

    def B(self, l):
        return self.V[l] - self.Lam[l] / self.beta

    def step(self):
        for l in range(self.L, 0, -1):
            self.up_W(l)
        for l in range(1, self.L + 1):
            self.up_V(l)
        for l in range(1, self.L + 1):
            self.Lam[l] = self.Lam[l] + self.beta * (self.F(l) - self.V[l])

    def up_W(self, l):
        Vt = np.vstack([self.V[l - 1], np.ones(self.P.N)])
        if l == self.L:
            S, weight = self.beta * self.B(l), self.beta
        else:
            T, B = self.T(l), self.B(l)
            h = np.abs(B).max()
            S, weight = self.beta * (h / 2 * T - (self.P.f(T) - B) * self.P.df(T)), self.beta * h / 2
        joint = np.linalg.solve(self.lam * np.eye(len(Vt)) + weight * Vt @ Vt.T, Vt @ S.T).T
        self.W[l], self.b[l] = joint[:, :-1], joint[:, -1]

    def up_V(self, l):
        beta, C = self.beta, self.F(l) + self.Lam[l] / self.beta
        if l == self.L:
            self.V[l] = self.P.prox(beta, C)
            return
        W, B = self.W[l + 1], self.B(l + 1)
        if l == self.L - 1:
            right, weight = beta * W.T @ (B - self.b[l + 1][:, None]), beta
        else:
            h, T = np.abs(B).max(), W @ self.V[l]
            Tb = T + self.b[l + 1][:, None]
            right, weight = beta * W.T @ (h / 2 * T - (self.P.f(Tb) - B) * self.P.df(Tb)), beta * h / 2
        self.V[l] = np.linalg.solve(beta * np.eye(W.shape[1]) + weight * W.T @ W, beta * C + right)

    def residual(self):
        return sum(np.sum((self.F(l) - self.V[l]) ** 2) for l in range(1, self.L + 1))

    def objective(self):
        value = self.P.R(self.V[self.L]) + self.beta / 2 * self.residual()
        for l in range(1, self.L + 1):
            value += np.sum(self.Lam[l] * (self.F(l) - self.V[l]))
            value += self.lam / 2 * (np.sum(self.W[l] ** 2) + np.sum(self.b[l] ** 2))
        return value

    def rounding(self, name):
        return max(np.abs(self.V[self.L]).max(), 1.0) if name[0] == "u" else 0.0

    def variables(self):
        return {"W": self.W, "b": self.b, "a": [None] + self.V[1:], "u": self.Lam}
