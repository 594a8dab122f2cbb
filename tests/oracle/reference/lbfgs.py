"""docs/methods/optimisers.md#l-bfgs: PyTorch's torch.optim.LBFGS."""

import numpy as np

from .gradient import FirstOrder


def cubic(x1, f1, g1, x2, f2, g2, bounds=None):
    low, high = bounds or (min(x1, x2), max(x1, x2))
    d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
    square = d1**2 - g1 * g2
    if square < 0:
        return (low + high) / 2
    d2 = np.sqrt(square)
    if x1 <= x2:
        at = x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2))
    else:
        at = x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2))
    return min(max(at, low), high)


def strong_wolfe(F, t, d, f, g, slope, c1=1e-4, c2=0.9, least=1e-9, most=25):
    """F(t) -> value and gradient at t. Returns value, gradient, t."""
    f_new, g_new = F(t)
    s_new = g_new @ d
    before = (0.0, f, g, slope)
    done, trial, bracket = False, 0, None
    while trial < most:
        if f_new > f + c1 * t * slope or (trial > 1 and f_new >= before[1]):
            bracket = [before, (t, f_new, g_new, s_new)]
            break
        if abs(s_new) <= -c2 * slope:
            bracket, done = [(t, f_new, g_new, s_new)], True
            break
        if s_new >= 0:
            bracket = [before, (t, f_new, g_new, s_new)]
            break
        next_t = cubic(before[0], before[1], before[3], t, f_new, s_new, (t + 0.01 * (t - before[0]), t * 10))
        before, t = (t, f_new, g_new, s_new), next_t
        f_new, g_new = F(t)
        s_new = g_new @ d
        trial += 1
    if bracket is None:
        bracket = [(0.0, f, g, slope), (t, f_new, g_new, s_new)]
    stuck = False
    low, high = (0, 1) if bracket[0][1] <= bracket[-1][1] else (1, 0)
    while not done and trial < most:
        ends = [p[0] for p in bracket]
        if abs(ends[1] - ends[0]) * np.abs(d).max() < least:
            break
        t = cubic(bracket[0][0], bracket[0][1], bracket[0][3], bracket[1][0], bracket[1][1], bracket[1][3])
        margin = 0.1 * (max(ends) - min(ends))
        if min(max(ends) - t, t - min(ends)) < margin:
            if stuck or t >= max(ends) or t <= min(ends):
                t = max(ends) - margin if abs(t - max(ends)) < abs(t - min(ends)) else min(ends) + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        f_new, g_new = F(t)
        s_new = g_new @ d
        trial += 1
        if f_new > f + c1 * t * slope or f_new >= bracket[low][1]:
            bracket[high] = (t, f_new, g_new, s_new)
            low, high = (0, 1) if bracket[0][1] <= bracket[1][1] else (1, 0)
        else:
            if abs(s_new) <= -c2 * slope:
                done = True
            elif s_new * (bracket[high][0] - bracket[low][0]) >= 0:
                bracket[high] = bracket[low]
            bracket[low] = (t, f_new, g_new, s_new)
    t, f_new, g_new, _ = bracket[low]
    return f_new, g_new, t, trial


class Lbfgs(FirstOrder):
    def __init__(self, problem, W, b, mu=0.0, learning_rate=1.0, history=10, line_search="strong_wolfe"):
        super().__init__(problem, W, b, mu=mu, learning_rate=learning_rate)
        self.history, self.search, self.iteration = history, line_search, 0
        self.pairs, self.scale, self.t_step, self.d = [], 1.0, 0.0, np.zeros(self.flat().size)

    def flat(self):
        parts = []
        for l in range(1, self.L + 1):
            parts += [self.W[l].flatten(order="F"), self.b[l]]
        return np.concatenate(parts)

    def place(self, w):
        at = 0
        for l in range(1, self.L + 1):
            n = self.W[l].size
            self.W[l] = w[at:at + n].reshape(self.W[l].shape, order="F")
            self.b[l] = w[at + n:at + n + self.b[l].size]
            at += n + self.b[l].size

    def value_and_gradient(self, w):
        self.place(w)
        value = self.P.R(self.forward(self.P.x)[0][self.L]) / self.P.N
        value += self.mu / 2 * sum(np.sum(W**2) for W in self.W[1:])
        g, parts = self.gradient(self.P), []
        for l in range(1, self.L + 1):
            parts += [g["W", l].flatten(order="F"), g["b", l]]
        return value, np.concatenate(parts)

    def step(self):
        w = self.flat()
        if self.iteration == 0:
            self.f, self.g = self.value_and_gradient(w)
        else:
            self.remember()
        self.d = self.direction()
        slope = self.g @ self.d
        if slope > -1e-9:
            self.note("converged")
            return
        self.iteration += 1
        t = self.p["learning_rate"] * (min(1.0, 1 / np.abs(self.g).sum()) if self.iteration == 1 else 1.0)
        self.before = self.g
        F = lambda t: self.value_and_gradient(w + t * self.d)
        if self.search == "none":
            self.f, self.g = F(t)
            self.t_step = t
        else:
            self.f, self.g, self.t_step, trials = strong_wolfe(F, t, self.d, self.f, self.g, slope)
            if trials:
                self.note("searched")
        self.place(w + self.t_step * self.d)

    def remember(self):
        y, s = self.g - self.before, self.d * self.t_step
        if y @ s > 1e-10:
            self.pairs = (self.pairs + [(s, y)])[-self.history:]
            self.scale = (y @ s) / (y @ y)
        else:
            self.note("pair refused")

    def direction(self):
        q, alpha = -self.g, []
        for s, y in reversed(self.pairs):
            alpha.append((s @ q) / (y @ s))
            q = q - alpha[-1] * y
        q = q * (self.scale if self.pairs else 1.0)
        for (s, y), a in zip(self.pairs, reversed(alpha)):
            q = q + (a - (y @ q) / (y @ s)) * s
        return q

    def objective(self):
        value = super().objective()
        decays = self.mu != 0 and self.iteration > 0
        return value + (self.mu / 2 * sum(np.sum(W**2) for W in self.W[1:]) if decays else 0.0)

    def state(self):
        return super().state() | {"d": self.d}
