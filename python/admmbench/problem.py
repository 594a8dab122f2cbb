"""What a solver is given, and the network's functions on it (docs/problem.md). Samples are rows here: x is (N, n_0)."""

from types import SimpleNamespace

import numpy as np

from admmbench.words import did_you_mean

LEAKY_SLOPE = 0.01


def _sigmoid(z):
    e = np.exp(-np.abs(z))  # of no positive number: no overflow
    return np.where(z >= 0, 1, e) / (1 + e)


def _slope(negative):
    return lambda z: np.where(z > 0, 1, negative).astype(z.dtype)


#: name -> its function f and derivative df, both entry by entry
ACTIVATIONS = {
    "relu": SimpleNamespace(f=lambda z: np.where(z > 0, z, 0), df=_slope(0)),
    "leaky_relu": SimpleNamespace(f=lambda z: np.where(z > 0, z, z.dtype.type(LEAKY_SLOPE) * z), df=_slope(LEAKY_SLOPE)),
    "identity": SimpleNamespace(f=lambda z: z.copy(), df=np.ones_like),
    "tanh": SimpleNamespace(f=np.tanh, df=lambda z: 1 - np.tanh(z) ** 2),
    "sign": SimpleNamespace(f=lambda z: np.where(z >= 0, 1, -1).astype(z.dtype), df=np.zeros_like),
    "step": SimpleNamespace(f=lambda z: np.where(z >= 0, 1, 0).astype(z.dtype), df=np.zeros_like),
    "sigmoid": SimpleNamespace(f=_sigmoid, df=lambda z: _sigmoid(z) * (1 - _sigmoid(z))),
}
LOSSES = ("cross_entropy", "squared")


class Params(dict):
    """A dict whose entries are attributes, too: params["lr"], params.lr, params.get("lr", 0.1)."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no parameter '{name}'{did_you_mean(name, self)}") from None


class Problem:
    """x (N, n_0), targets (N, n_L), labels (N,) or None; widths [n_0, ..., n_L]; W and b, lists of arrays (n_l, n_{l-1}) and
    (n_l,) with layer l at index l-1; names activation, loss and precision; iterations, seed, threads, params."""

    def __init__(self, x, targets, W, b, *, labels=None, activation="relu", loss="cross_entropy", iterations=0, seed=0,
                 threads=1, params=None):
        for name, known in ((activation, ACTIVATIONS), (loss, LOSSES)):
            if name not in known:
                raise ValueError(f"there is no activation or loss '{name}'{did_you_mean(name, known)}")
        self.x, self.targets, self.labels, self.W, self.b = x, targets, labels, list(W), list(b)
        self.activation, self.loss = activation, loss
        self.iterations, self.seed, self.threads = iterations, seed, threads
        self.params = Params(params or {})
        self.widths = [x.shape[1], *(len(one) for one in self.b)]
        self.precision = str(x.dtype)
        self.f, self.df = ACTIVATIONS[activation].f, ACTIVATIONS[activation].df

    @property
    def N(self):
        """Training samples."""
        return len(self.x)

    @property
    def L(self):
        """Layers."""
        return len(self.W)

    def forward(self, W=None, b=None, x=None):
        """Lists z and a: a[l-1] is the input of layer l (a[0] = x), z[l-1] = a[l-1] W_l^T + b_l; z[-1] is the output. Of W, b
        and x as they are in the problem, unless others are given."""
        W, b = self.W if W is None else W, self.b if b is None else b
        z, a = [], [self.x if x is None else x]
        for layer, (weight, bias) in enumerate(zip(W, b)):
            z.append(a[-1] @ weight.T + bias)
            if layer + 1 < len(W):
                a.append(self.f(z[-1]))
        return z, a

    def loss_and_gradient(self, z):
        """R, summed over the samples as in docs/problem.md, and its gradient (N, n_L) at the output z."""
        if self.loss == "squared":
            gap = z - self.targets
            return 0.5 * float(np.sum(np.square(gap, dtype=np.float64))), gap
        z = z - z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        loss = float(np.sum(np.log(total), dtype=np.float64) - np.sum(self.targets * z, dtype=np.float64))
        return loss, e / total - self.targets

    def train_loss(self, W=None, b=None):
        """R/N, what the suite records as train_loss."""
        return self.loss_and_gradient(self.forward(W, b)[0][-1])[0] / self.N

    def train_accuracy(self, W=None, b=None):
        """Share of samples whose largest output is that of their class; nan for regression."""
        if self.labels is None:
            return float("nan")
        return float(np.mean(self.forward(W, b)[0][-1].argmax(axis=1) == self.labels))

    def train_loss_and_gradients(self, W=None, b=None):
        """R/N and its gradients, lists like W and b, by back-propagation."""
        W = self.W if W is None else W
        z, a = self.forward(W, b)
        loss, delta = self.loss_and_gradient(z[-1])
        delta = delta / delta.dtype.type(self.N)
        gW, gb = [None] * len(W), [None] * len(W)
        for l in range(len(W), 0, -1):
            gW[l - 1], gb[l - 1] = delta.T @ a[l - 1], delta.sum(axis=0)
            if l > 1:
                delta = delta @ W[l - 1] * self.df(z[l - 2])
        return loss / self.N, gW, gb

    def output_prox(self, m, c):
        """argmin_z R(z) + (c/2) ||z - m||^2, the output block of ADMM: (T + c m)/(1 + c), or by Newton's method for cross
        entropy, to a gradient of at most 1e-10 max(1, c)."""
        if not c > 0:
            raise ValueError(f"output_prox: c is {c}; it must be positive")
        if self.loss == "squared":
            return ((self.targets + c * m) / (1 + c)).astype(m.dtype)
        return _softmax_prox(m.astype(np.float64), self.targets.astype(np.float64), float(c)).astype(m.dtype)


def _softmax_prox(m, y, c):
    """Newton's method on all samples at once, with a line search for each. The Hessian is diag(p + c) - p p^T."""

    def look(z, rows):
        below = z - z.max(axis=1, keepdims=True)
        e = np.exp(below)
        total = e.sum(axis=1, keepdims=True)
        value = np.log(total[:, 0]) - np.sum(y[rows] * below, axis=1) + 0.5 * c * np.sum((z - m[rows]) ** 2, axis=1)
        p = e / total
        return value, p, p - y[rows] + c * (z - m[rows])

    z = m.copy()
    rows = np.arange(len(m))
    for _ in range(200):
        value, p, g = look(z[rows], rows)
        # Samples whose gradient is small, or not a number, are done.
        open_ = np.abs(g).max(axis=1, initial=0) > 1e-10 * max(1, c)
        rows, value, p, g = rows[open_], value[open_], p[open_], g[open_]
        if not len(rows):
            break
        share = p / (p + c)
        factor = np.sum(share * g, axis=1, keepdims=True) / np.sum(c * share, axis=1, keepdims=True)
        d = -(g + p * factor) / (p + c)
        slope = np.sum(g * d, axis=1)
        length = np.ones(len(rows))
        for _ in range(40):
            new = look(z[rows] + length[:, None] * d, rows)[0]
            # The last steps gain less than the rounding of the value.
            short = new > value + 1e-4 * length * slope + 1e-12 * (1 + np.abs(value))
            if not short.any():
                break
            length[short] /= 2
        z[rows] += length[:, None] * d
    return z
