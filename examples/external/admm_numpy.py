"""ADMM in NumPy: a dual on the output layer, penalties on the hidden ones, every block solved exactly (ReLU).

    min  R(z_L) + (nu/2) sum_{l<L} (||z_l - W_l a_{l-1} - b_l||^2 + ||a_l - relu(z_l)||^2)
    s.t. z_L = W_L a_{L-1} + b_L        (penalty rho, scaled dual u)

with a ridge `mu` on every [W_l b_l]. Samples are rows."""

import admmbench
import numpy as np


class Admm(admmbench.Solver):
    parameters = {"rho": 1.0, "nu": 0.01, "mu": 1e-6}

    def initialise(self, problem):
        if problem.activation != "relu":
            raise ValueError(f"the z-steps are those of relu, not of {problem.activation}")
        self.z, self.a = problem.forward()  # a[l-1] is the input of layer l
        self.u = np.zeros_like(self.z[-1])

    def step(self):
        p, z, a = self.problem, self.z, self.a
        rho, nu, mu = p.params.rho, p.params.nu, p.params.mu
        for l in range(p.L):
            last = l == p.L - 1
            # [W b]: least squares from a to the layer's target
            A = np.c_[a[l], np.ones(p.N)]
            Wb = np.linalg.solve(A.T @ A + mu * np.eye(A.shape[1]), A.T @ (z[l] + self.u if last else z[l])).T
            p.W[l][:], p.b[l][:] = Wb[:, :-1], Wb[:, -1]
            m = a[l] @ p.W[l].T + p.b[l]
            if last:
                z[l] = p.output_prox(m - self.u, rho)
                self.u += z[l] - m
                self.gap = float(np.sum((z[l] - m) ** 2))
                break
            # z, entry by entry: the better of its best values on both sides of the kink
            above, below = np.maximum((m + a[l + 1]) / 2, 0), np.minimum(m, 0)
            cost = (above - m) ** 2 + (above - a[l + 1]) ** 2, (below - m) ** 2 + a[l + 1] ** 2
            z[l] = np.where(cost[0] <= cost[1], above, below)
            # a: least squares between the layers
            W, c, target = p.W[l + 1], rho if l + 2 == p.L else nu, z[l + 1] - p.b[l + 1]
            target = target + self.u if l + 2 == p.L else target
            right = c * target @ W + nu * np.maximum(z[l], 0)
            a[l + 1] = np.linalg.solve(c * W.T @ W + nu * np.eye(W.shape[1]), right.T).T

    def diagnostics(self):
        return {"residual": getattr(self, "gap", 0.0), "dual": np.linalg.norm(self.u)}


if __name__ == "__main__":
    admmbench.serve(Admm)
