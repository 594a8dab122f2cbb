"""docs/methods/gradient.md#iteration: PyTorch's formulas."""

import numpy as np

from .problem import Method, Regularizer, Schedule, softmax


class FirstOrder(Method):
    """`move` is the update rule; p holds its parameters with PyTorch's defaults."""

    defaults = {}

    def __init__(self, problem, W, b, mu=0.0, batch_size="full", schedule=None, regularizer=None, **p):
        super().__init__()
        self.P, self.mu, self.p = problem, mu, self.defaults | p
        self.W, self.b = [None] + [w.copy() for w in W[1:]], [None] + [v.copy() for v in b[1:]]
        self.L, self.t, self.memory = len(self.W) - 1, 0, {}
        self.omega = Regularizer(**regularizer or {})
        self.batches, self.schedule = problem.batches(batch_size), Schedule(problem.iterations, **schedule or {})

    def forward(self, x):
        z, a = [None], [x]
        for l in range(1, self.L + 1):
            z.append(self.W[l] @ a[l - 1] + self.b[l][:, None])
            a.append(self.P.f(z[l]) if l < self.L else z[l])
        return z, a

    def size_of(self, batch):
        """What the sum over the batch is divided by."""
        return batch.N

    def decay_in_gradient(self):
        return self.mu

    def gradient(self, batch):
        z, a = self.forward(batch.x)
        delta = softmax(z[self.L]) - batch.T if batch.loss == "cross_entropy" else z[self.L] - batch.T
        delta = delta / self.size_of(batch)
        g = {}
        for l in range(self.L, 0, -1):
            g["W", l] = delta @ a[l - 1].T + self.decay_in_gradient() * self.W[l]
            g["b", l] = delta.sum(axis=1)
            if l > 1:
                delta = (self.W[l].T @ delta) * self.P.df(z[l - 1])
        return g

    def step(self):
        for samples in self.batches.next_pass():
            h = self.p["learning_rate"] * self.schedule.factor(self.t / self.batches.count())
            self.t += 1
            for (letter, l), g in self.gradient(self.P.of(samples)).items():
                values = getattr(self, letter)
                values[l] = self.decayed(letter, values[l], h) - h * self.move((letter, l), g)
                if letter == "W" and self.omega.kind != "none":
                    with np.errstate(divide="ignore"):  # a schedule's end
                        values[l] = self.omega.prox(np.divide(self.metric(l), h), values[l])

    def decayed(self, letter, w, h):
        return w

    def metric(self, l):
        """Of the update of W_l: what its step length is divided by."""
        return 1.0

    def past(self, name, key, g):
        """A running average of the array `key`, zero at first."""
        return self.memory.get((name, key), np.zeros_like(g))

    def keep(self, name, key, value):
        self.memory[name, key] = value
        return value

    def objective(self):
        return self.P.R(self.forward(self.P.x)[0][self.L]) / self.P.N

    def residual(self):
        return None

    def variables(self):
        return {"W": self.W, "b": self.b}


class Sgd(FirstOrder):
    defaults = {"learning_rate": 1e-3, "momentum": 0.0, "nesterov": False}

    def move(self, key, g):
        momentum = self.p["momentum"]
        v = self.keep("v", key, momentum * self.past("v", key, g) + g)
        return g + momentum * v if self.p["nesterov"] else v


class Adam(FirstOrder):
    defaults = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "decoupled": False}

    def decay_in_gradient(self):
        return 0.0 if self.p["decoupled"] else self.mu

    def decayed(self, letter, w, h):
        return self.shrunk(w, h) if self.p["decoupled"] and letter == "W" else w

    def shrunk(self, W, h):
        return (1 - h * self.mu) * W

    def move(self, key, g):
        beta1, beta2 = self.p["beta1"], self.p["beta2"]
        m = self.keep("m", key, beta1 * self.past("m", key, g) + (1 - beta1) * g)
        self.keep("v", key, beta2 * self.past("v", key, g) + (1 - beta2) * g**2)
        return m / (1 - beta1**self.t) / self.denominator(key)

    def denominator(self, key):
        return np.sqrt(self.memory["v", key] / (1 - self.p["beta2"]**self.t)) + self.p["epsilon"]

    def metric(self, l):
        return (1 - self.p["beta1"]**self.t) * self.denominator(("W", l))


class Adagrad(FirstOrder):
    defaults = {"learning_rate": 1e-2, "epsilon": 1e-10}

    def move(self, key, g):
        s = self.keep("s", key, self.past("s", key, g) + g**2)
        return g / (np.sqrt(s) + self.p["epsilon"])


class Adadelta(FirstOrder):
    defaults = {"learning_rate": 1.0, "rho": 0.9, "epsilon": 1e-6}

    def move(self, key, g):
        rho, epsilon = self.p["rho"], self.p["epsilon"]
        s = self.keep("s", key, rho * self.past("s", key, g) + (1 - rho) * g**2)
        d = g * np.sqrt(self.past("e", key, g) + epsilon) / np.sqrt(s + epsilon)
        self.keep("e", key, rho * self.past("e", key, g) + (1 - rho) * d**2)
        return d


class Rmsprop(FirstOrder):
    defaults = {"learning_rate": 1e-2, "alpha": 0.99, "epsilon": 1e-8, "momentum": 0.0}

    def move(self, key, g):
        alpha = self.p["alpha"]
        s = self.keep("s", key, alpha * self.past("s", key, g) + (1 - alpha) * g**2)
        d = g / (np.sqrt(s) + self.p["epsilon"])
        return self.keep("v", key, self.carried(self.past("v", key, g)) + d)

    def carried(self, v):
        return self.p["momentum"] * v
