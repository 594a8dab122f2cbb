"""my-name: ADMM in NumPy for networks of relu, to start from. A dual on the output layer, penalties on the hidden ones, every
block solved exactly; one thing is new, to be replaced by what is yours: the z-step of the hidden layers is damped.

    min  R(z_L) + (nu/2) sum_{l<L} (||z_l - W_l a_{l-1} - b_l||^2 + ||a_l - relu(z_l)||^2)
    s.t. z_L = W_L a_{L-1} + b_L        (penalty rho, scaled dual u)

with a ridge `mu` on every [W_l b_l]. Samples are rows: z[l] and a[l] are (N, width); what the formulas call l has index l - 1,
but for the input a_0 = x, a[0], of the first layer."""

import admmbench
import numpy as np


def layer_step(a, target, mu):
    """[W b] of least squares from the layer's input to `target`, with the ridge mu."""
    inputs = np.c_[a, np.ones(len(a))]
    return np.linalg.solve(inputs.T @ inputs + mu * np.eye(inputs.shape[1]), inputs.T @ target).T


def damped_z_step(m, a, before, theta):
    """argmin_z (z - m)^2 + (a - relu(z))^2 + theta (z - before)^2, entry by entry: on either side of relu's kink this is a
    parabola, so it is the better of the two sides' best values."""
    below = np.minimum((m + theta * before) / (1 + theta), 0)
    above = np.maximum((m + a + theta * before) / (2 + theta), 0)

    def cost(z, relu_of_z):
        return (z - m) ** 2 + (a - relu_of_z) ** 2 + theta * (z - before) ** 2

    return np.where(cost(below, 0) > cost(above, above), above, below)


def input_step(W, c, target, nu, relu_of_z):
    """argmin_a c ||a W^T - target||^2 + nu ||a - relu(z)||^2: least squares between two layers."""
    right = c * target @ W + nu * relu_of_z
    return np.linalg.solve(c * W.T @ W + nu * np.eye(W.shape[1]), right.T).T


class Mine(admmbench.Solver):
    parameters = {"rho": 1.0, "nu": 0.01, "theta": 0.1, "mu": 1e-6}  # what may stand in `params`, with defaults

    def initialise(self, problem):
        if problem.activation != "relu":
            raise ValueError(f"the z-step is that of relu, not of {problem.activation}")
        self.z, self.a = problem.forward()  # a[l] is the input of the layer with index l
        self.u = np.zeros_like(self.z[-1])
        self.gap = 0.0

    def step(self):
        """One iteration; this and nothing else is timed."""
        for l in range(self.problem.L - 1):
            self.update_layer(l, self.z[l])
            self.update_z(l)
            self.update_a(l + 1)
        self.update_layer(self.problem.L - 1, self.z[-1] + self.u)
        self.update_output()

    def update_layer(self, l, target):
        Wb = layer_step(self.a[l], target, self.problem.params.mu)
        self.problem.W[l][:], self.problem.b[l][:] = Wb[:, :-1], Wb[:, -1]  # in place: the memory that is evaluated

    def update_z(self, l):
        self.z[l] = damped_z_step(self.affine(l), self.a[l + 1], self.z[l], self.problem.params.theta)

    def update_a(self, l):
        p = self.problem
        last = l == p.L - 1
        target = self.z[l] - p.b[l] + (self.u if last else 0)
        self.a[l] = input_step(p.W[l], p.params.rho if last else p.params.nu, target, p.params.nu,
                               np.maximum(self.z[l - 1], 0))

    def update_output(self):
        m = self.affine(self.problem.L - 1)
        self.z[-1] = self.problem.output_prox(m - self.u, self.problem.params.rho)
        self.u += self.z[-1] - m
        self.gap = float(np.sum((self.z[-1] - m) ** 2))

    def affine(self, l):
        return self.a[l] @ self.problem.W[l].T + self.problem.b[l]

    def diagnostics(self):
        """Columns of the result."""
        return {"residual": self.gap, "dual": np.linalg.norm(self.u)}


if __name__ == "__main__":
    admmbench.serve(Mine)
