"""docs/methods/consensus.md#iteration: the workers' own weights w_s are kept, as in the papers' algorithms."""

import numpy as np

from .gradient import FirstOrder


class Consensus(FirstOrder):
    def __init__(self, problem, W, b, sigma=10.0, decay=0.0, workers=4, batch_size="full", **p):
        decay = p.pop("lambda", decay)
        super().__init__(problem, W, b, batch_size=batch_size, learning_rate=1.0, **p)
        self.sigma, self.lam, self.workers = sigma, decay, workers
        keys = [("W", l) for l in range(1, self.L + 1)] + [("b", l) for l in range(1, self.L + 1)]
        self.pi = [{key: np.zeros_like(self.array(key)) for key in keys} for _ in range(workers)]
        self.w = [{key: self.array(key).copy() for key in keys} for _ in range(workers)]

    def array(self, key):
        return getattr(self, key[0])[key[1]]

    def step(self):
        for samples in self.batches.next_pass():
            self.t += 1
            parts = min(self.workers, len(samples))
            cut = [s * len(samples) // parts for s in range(parts + 1)]
            shares = [(cut[s + 1] - cut[s]) / len(samples) for s in range(parts)]
            for s in range(parts):
                gradient = self.gradient(self.P.of(samples[cut[s]:cut[s + 1]]))
                for key, g in gradient.items():
                    w = self.array(key)
                    self.w[s][key] = w - self.direction(s, key, g)
                    self.pi[s][key] = self.pi[s][key] + self.sigma * (self.w[s][key] - w)
            for key in self.pi[0]:
                joint = sum(a * (self.sigma * self.w[s][key] + self.pi[s][key]) for s, a in enumerate(shares))
                getattr(self, key[0])[key[1]] = joint / (self.sigma + self.lam)

    def per_worker(self, name, values):
        return {f"{name}{s + 1}_{letter}{l}": value.flatten(order="F") for s, of_worker in enumerate(values)
                for (letter, l), value in of_worker.items()}

    def state(self):
        return super().state() | self.per_worker("pi", self.pi)


class Badm(Consensus):
    defaults = {"rho": 10.0}

    def direction(self, s, key, g):
        return (g + self.pi[s][key]) / (self.p["rho"] + self.sigma)


class Sisa(Consensus):
    defaults = {"rho": 1e3, "beta": 0.999, "epsilon": 1e-8}

    def __init__(self, problem, W, b, sigma=1.5, **p):
        super().__init__(problem, W, b, sigma=sigma, decay=1e-3, **p)
        self.v = [{key: np.zeros_like(value) for key, value in pi.items()} for pi in self.pi]

    def direction(self, s, key, g):
        q, beta = g + self.pi[s][key], self.p["beta"]
        self.v[s][key] = beta * self.v[s][key] + (1 - beta) * q**2
        root = np.sqrt(self.v[s][key] / (1 - beta**self.t))
        return q / (self.sigma + self.p["rho"] * (root + self.p["epsilon"]))

    def state(self):
        return super().state() | self.per_worker("v", self.v)


class Nsisa(Consensus):
    defaults = {"rho": 100.0, "beta1": 0.95, "epsilon": 1e-8}

    def __init__(self, problem, W, b, sigma=80.0, **p):
        super().__init__(problem, W, b, sigma=sigma, **p)
        self.m = [{key: np.zeros_like(value) for key, value in pi.items() if key[0] == "W"} for pi in self.pi]

    def direction(self, s, key, g):
        if key[0] == "W":
            self.m[s][key] = self.p["beta1"] * self.m[s][key] + g
            g = self.orthogonal(g + self.p["beta1"] * self.m[s][key])
        q = g + self.pi[s][key]
        return q / (self.sigma + self.p["rho"] * (np.abs(q) + self.p["epsilon"]))

    def orthogonal(self, U):
        """The quintic on the singular values."""
        left, s, right = np.linalg.svd(U, full_matrices=False)
        s = s / (np.linalg.norm(U) + 1e-7)
        for _ in range(5):
            s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
        return np.sqrt(max(1, U.shape[0] / U.shape[1])) * (left * s) @ right

    def state(self):
        return super().state() | self.per_worker("m", self.m)
