"""docs/methods/optimisers.md#iteration: today's gradient methods, by the formulas of their released codes."""

import numpy as np

from .gradient import FirstOrder
from .problem import softmax
from .random_streams import Stream

LABEL_STREAM = 0x6b666163  # "kfac" in ASCII


class WithMoments(FirstOrder):
    """Shows what `memory` holds as vectors by column: mW1, vb2, ..."""

    shown = ()

    def state(self):
        moments = self.fresh()
        for (name, (letter, l)), value in self.memory.items():
            if name in self.shown:
                moments[f"{name}{letter}{l}"] = value.flatten(order="F")
        return super().state() | moments

    def fresh(self):
        """The moments of the start."""
        return {f"{name}{letter}{l}": np.zeros(values[l].size) for name in self.shown
                for letter, values in (("W", self.W), ("b", self.b)) for l in range(1, self.L + 1)}

    def decay_in_gradient(self):
        return 0.0

    def decayed(self, letter, w, h):
        return (1 - h * self.mu) * w if letter == "W" else w


class Nadamw(WithMoments):
    shown = ("m", "v")
    defaults = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}

    def __init__(self, problem, W, b, mu=0.01, **p):
        super().__init__(problem, W, b, mu=mu, **p)

    def move(self, key, g):
        beta1, beta2 = self.p["beta1"], self.p["beta2"]
        m = self.keep("m", key, beta1 * self.past("m", key, g) + (1 - beta1) * g)
        v = self.keep("v", key, beta2 * self.past("v", key, g) + (1 - beta2) * g**2)
        return self.ahead(m, g) / (1 - beta1**self.t) / (np.sqrt(v / (1 - beta2**self.t)) + self.p["epsilon"])

    def ahead(self, m, g):
        return self.p["beta1"] * m + (1 - self.p["beta1"]) * g


def newton_schulz(U):
    """Five steps of the quintic on the singular values: s <- 3.4445 s - 4.7750 s^3 + 2.0315 s^5, by way of the decomposition
    itself and not of the products."""
    left, s, right = np.linalg.svd(U, full_matrices=False)
    s = s / (np.linalg.norm(U) + 1e-7)
    for _ in range(5):
        s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
    return (left * s) @ right


class Muon(WithMoments):
    shown = ("m", "v")
    defaults = {"learning_rate": 0.02, "momentum": 0.95, "nesterov": True, "first_layer": True, "adam_learning_rate": 3e-4,
                "beta1": 0.9, "beta2": 0.95, "epsilon": 1e-10}

    def orthogonal(self, letter, l):
        return letter == "W" and l < self.L and (l > 1 or self.p["first_layer"])

    def fresh(self):
        return {name: value for name, value in super().fresh().items()
                if not (name[0] == "v" and self.orthogonal(name[1], int(name[2:])))}

    def step(self):
        for samples in self.batches.next_pass():
            factor = self.schedule.factor(self.t / self.batches.count())
            self.t += 1
            for (letter, l), g in self.gradient(self.P.of(samples)).items():
                values = getattr(self, letter)
                if self.orthogonal(letter, l):
                    h, d = self.p["learning_rate"] * factor, self.orthogonal_move((letter, l), g)
                else:
                    h, d = self.p["adam_learning_rate"] * factor, self.adam_move((letter, l), g)
                values[l] = self.decayed(letter, values[l], h) - h * d

    def orthogonal_move(self, key, g):
        beta = self.p["momentum"]
        m = self.keep("m", key, beta * self.past("m", key, g) + (1 - beta) * g)
        U = (1 - beta) * g + beta * m if self.p["nesterov"] else m
        return self.scale(g) * newton_schulz(U)

    def scale(self, g):
        return np.sqrt(max(1, g.shape[0] / g.shape[1]))

    def adam_move(self, key, g):
        beta1, beta2 = self.p["beta1"], self.p["beta2"]
        m = self.keep("m", key, beta1 * self.past("m", key, g) + (1 - beta1) * g)
        v = self.keep("v", key, beta2 * self.past("v", key, g) + (1 - beta2) * g**2)
        return m / (1 - beta1**self.t) / (np.sqrt(v / (1 - beta2**self.t)) + self.p["epsilon"])


class ScheduleFree(FirstOrder):
    """The released code's own variables: y and z, and x from them."""

    defaults = {"learning_rate": 0.0025, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "r": 0.0, "warm_up": 0}

    def __init__(self, problem, W, b, mu=0.0, **p):
        super().__init__(problem, W, b, mu=mu, **p)
        self.z = {key: value.copy() for key, value in self.arrays()}
        self.y = {key: value.copy() for key, value in self.arrays()}
        self.v = {key: np.zeros_like(value) for key, value in self.arrays()}
        self.weights, self.longest = 0.0, 0.0

    def arrays(self):
        return [((letter, l), values[l]) for l in range(1, self.L + 1) for letter, values in (("W", self.W), ("b", self.b))]

    def decay_in_gradient(self):
        return 0.0

    def place(self, arrays):
        for (letter, l), value in arrays.items():
            getattr(self, letter)[l] = value

    def share(self, h):
        self.longest = max(self.longest, h)
        weight = self.t ** self.p["r"] * self.longest**2
        self.weights += weight
        return weight / self.weights

    def step(self):
        beta1, beta2 = self.p["beta1"], self.p["beta2"]
        for samples in self.batches.next_pass():
            self.t += 1
            h = self.p["learning_rate"] * (min(1, self.t / self.p["warm_up"]) if self.p["warm_up"] else 1)
            c = self.share(h)
            self.place(self.y)
            for key, g in self.gradient(self.P.of(samples)).items():
                self.v[key] = beta2 * self.v[key] + (1 - beta2) * g**2
                d = g / (np.sqrt(self.v[key] / (1 - beta2**self.t)) + self.p["epsilon"])
                d = d + (self.mu * self.y[key] if key[0] == "W" else 0)
                self.y[key] = (1 - c) * self.y[key] + c * self.z[key] + h * (beta1 * (1 - c) - 1) * d
                self.z[key] = self.z[key] - h * d
        self.place({key: self.y[key] + (1 - 1 / beta1) * (self.z[key] - self.y[key]) for key in self.y})

    def state(self):
        shown = {f"{name}{letter}{l}": values[letter, l].flatten(order="F") for name, values in (("z", self.z), ("v", self.v))
                 for letter, l in values}
        return super().state() | shown


class Soap(WithMoments):
    shown = ("m", "v")
    defaults = {"learning_rate": 3e-3, "beta1": 0.95, "beta2": 0.95, "epsilon": 1e-8, "beta_shampoo": None, "refresh": 10,
                "largest": 10000}

    def __init__(self, problem, W, b, mu=0.01, **p):
        super().__init__(problem, W, b, mu=mu, **p)
        n = [self.W[1].shape[1]] + [w.shape[0] for w in self.W[1:]]
        sides = [("L", l, n[l]) for l in range(1, self.L + 1)] + [("R", l, n[l - 1]) for l in range(1, self.L + 1)]
        self.gram = {(s, l): np.zeros((k, k)) for s, l, k in sides if k <= self.p["largest"]}
        self.basis = {key: np.eye(len(value)) for key, value in self.gram.items()}

    def Q(self, side, l, k):
        return self.basis.get((side, l), np.eye(k))

    def turn(self, l, A):
        return self.Q("L", l, A.shape[0]).T @ A @ self.Q("R", l, A.shape[1])

    def back(self, l, A):
        return self.Q("L", l, A.shape[0]) @ A @ self.Q("R", l, A.shape[1]).T

    def step(self):
        beta1, beta2 = self.p["beta1"], self.p["beta2"]
        for samples in self.batches.next_pass():
            factor = self.schedule.factor(self.t / self.batches.count())
            gradients = self.gradient(self.P.of(samples))
            self.t += 1
            k = self.t - 1
            for (letter, l), g in gradients.items():
                key, values = (letter, l), getattr(self, letter)
                if k > 0:
                    h = self.p["learning_rate"] * factor
                    r = self.turn(l, g) if letter == "W" else g
                    m = self.keep("m", key, beta1 * self.past("m", key, g) + (1 - beta1) * r)
                    v = self.keep("v", key, beta2 * self.past("v", key, g) + (1 - beta2) * r**2)
                    d = m / (np.sqrt(v) + self.p["epsilon"])
                    d = self.back(l, d) if letter == "W" else d
                    new = values[l] - h * np.sqrt(1 - beta2**k) / (1 - beta1**k) * d
                    values[l] = self.decayed(letter, new, h)
                if letter == "W":
                    self.precondition(l, g, k)

    def precondition(self, l, g, k):
        """As the released code: the moment is taken out of the old basis before L and R change, and into the new one after."""
        key = "W", l
        moment = self.back(l, self.past("m", key, g))
        keep = self.p["beta_shampoo"] if self.p["beta_shampoo"] is not None else self.p["beta2"]
        for side, G in (("L", g @ g.T), ("R", g.T @ g)):
            if (side, l) not in self.gram:
                continue
            self.gram[side, l] = keep * self.gram[side, l] + (1 - keep) * G
            if k == 0:
                self.basis[side, l] = np.linalg.eigh(self.gram[side, l])[1][:, ::-1]
            elif k % self.p["refresh"] == 0:
                self.note("new basis")
                Q = self.basis[side, l]
                order = np.argsort(-np.diag(Q.T @ self.gram[side, l] @ Q), kind="stable")
                v = self.past("v", key, g)
                self.keep("v", key, v[order] if side == "L" else v[:, order])
                self.basis[side, l] = np.linalg.qr(self.gram[side, l] @ Q[:, order])[0]
        if k > 0:
            self.keep("m", key, self.turn(l, moment))

    def state(self):
        found = super().state()
        found |= {f"{side}{l}": value for (side, l), value in self.gram.items()}
        return found | {f"Q{side}{l}": value for (side, l), value in self.basis.items()}

    without_unique_form = ("QL", "QR", "mW", "vW")


class Kfac(WithMoments):
    defaults = {"learning_rate": 0.1, "momentum": 0.9, "damping": 1e-3, "kl_clip": 1e-3, "keep": 0.95, "fisher": "sampled",
                "observe": 10, "refresh": 100}

    def __init__(self, problem, W, b, **p):
        super().__init__(problem, W, b, **p)
        self.A = [None] + [np.eye(w.shape[1] + 1) for w in self.W[1:]]
        self.G = [None] + [np.eye(w.shape[0]) for w in self.W[1:]]
        self.eigen = {(s, l): (np.ones(len(M[l])), np.eye(len(M[l]))) for s, M in (("A", self.A), ("G", self.G))
                      for l in range(1, self.L + 1)}
        self.V = [None] + [np.zeros((w.shape[0], w.shape[1] + 1)) for w in self.W[1:]]
        self.labels = Stream(problem.seed, LABEL_STREAM)

    def deltas(self, z, top):
        delta = {self.L: top}
        for l in range(self.L, 1, -1):
            delta[l - 1] = (self.W[l].T @ delta[l]) * self.P.df(z[l - 1])
        return delta

    def drawn(self, z):
        if self.P.loss == "squared":
            return -np.array([self.labels.normal() for _ in range(z.size)]).reshape(z.shape, order="F")
        p = softmax(z)
        for n in range(z.shape[1]):
            c = np.searchsorted(np.cumsum(p[:, n]), self.labels.uniform(), side="right")
            p[min(c, len(p) - 1), n] -= 1
        return p

    def step(self):
        for samples in self.batches.next_pass():
            h = self.p["learning_rate"] * self.schedule.factor(self.t / self.batches.count())
            self.t += 1
            self.update(self.P.of(samples), h)

    def update(self, batch, h):
        B = batch.N
        z, a = self.forward(batch.x)
        At = [np.vstack([v, np.ones(B)]) for v in a[:-1]]
        true = self.deltas(z, (softmax(z[self.L]) if batch.loss == "cross_entropy" else z[self.L]) - batch.T)
        D = {l: true[l] @ At[l - 1].T / B for l in true}
        if (self.t - 1) % self.p["observe"] == 0:
            g = self.deltas(z, self.drawn(z[self.L])) if self.p["fisher"] == "sampled" else true
            keep = self.p["keep"]
            for l in range(1, self.L + 1):
                self.A[l] = keep * self.A[l] + (1 - keep) * At[l - 1] @ At[l - 1].T / B
                self.G[l] = keep * self.G[l] + (1 - keep) * g[l] @ g[l].T / B
        if (self.t - 1) % self.p["refresh"] == 0:
            for l in range(1, self.L + 1):
                for s, M in (("A", self.A), ("G", self.G)):
                    d, Q = np.linalg.eigh(M[l])
                    self.eigen[s, l] = np.maximum(d, 0), Q
        P, size = {}, 0.0
        for l in D:
            (dA, QA), (dG, QG) = self.eigen["A", l], self.eigen["G", l]
            P[l] = QG @ ((QG.T @ D[l] @ QA) / (np.outer(dG, dA) + self.p["damping"])) @ QA.T
            size += h**2 * np.sum(P[l] * D[l])
        clip = self.clipped(size)
        for l in D:
            joint = np.hstack([self.W[l], self.b[l][:, None]])
            decay = np.hstack([self.mu * self.W[l], np.zeros((len(self.W[l]), 1))])
            self.V[l] = self.p["momentum"] * self.V[l] + clip * P[l] + decay
            joint = joint - h * self.V[l]
            self.W[l], self.b[l] = joint[:, :-1], joint[:, -1]

    def clipped(self, size):
        if self.p["kl_clip"] < abs(size):
            self.note("clipped")
        return min(1.0, np.sqrt(self.p["kl_clip"] / abs(size))) if size else 1.0

    def state(self):
        found = super().state()
        for l in range(1, self.L + 1):
            found |= {f"A{l}": self.A[l], f"G{l}": self.G[l], f"VW{l}": self.V[l][:, :-1].flatten(order="F"),
                      f"Vb{l}": self.V[l][:, -1]}
            for s in "AG":
                d, Q = self.eigen[s, l]
                found |= {f"d{s}{l}": d, f"Q{s}{l}": Q}
        return found

    without_unique_form = ("QA", "QG")
