"""The blocks against brute force, and the method as a whole on a small problem."""

import unittest

import admmbench
import mine
import numpy as np


def cost(z, m, a, before, theta):
    """What the z-step minimises."""
    return (z - m) ** 2 + (a - np.maximum(z, 0)) ** 2 + theta * (z - before) ** 2


def worst_excess(theta, theta_of_the_step):
    """How much worse than the best of a fine grid the z-step's z is, at worst over many settings."""
    m, a, before = np.random.default_rng(0).normal(size=(3, 200, 1))
    z = mine.damped_z_step(m, a, before, theta_of_the_step)
    grid = np.linspace(-4, 4, 8001)
    return np.max(cost(z, m, a, before, theta) - cost(grid, m, a, before, theta).min(axis=1, keepdims=True))


class Blocks(unittest.TestCase):
    def test_z_step_is_the_minimiser(self):
        for theta in (0, 0.1, 2):
            self.assertLessEqual(worst_excess(theta, theta), 1e-5)  # the grid's spacing

    def test_a_wrong_z_step_is_noticed(self):
        self.assertGreater(worst_excess(0.1, 0.5), 1e-3)

    def test_layer_and_input_steps_are_minimisers(self):
        """A quadratic's minimiser: every small change of an entry costs more."""
        rng = np.random.default_rng(1)
        a, target = rng.normal(size=(30, 4)), rng.normal(size=(30, 3))
        Wb = mine.layer_step(a, target, 0.1)

        def layer_cost(Wb):
            return np.sum((a @ Wb[:, :-1].T + Wb[:, -1] - target) ** 2) + 0.1 * np.sum(Wb ** 2)

        W, relu_of_z = Wb[:, :-1], rng.normal(size=(30, 4))
        best = mine.input_step(W, 0.5, target, 2, relu_of_z)

        def input_cost(a):
            return 0.5 * np.sum((a @ W.T - target) ** 2) + 2 * np.sum((a - relu_of_z) ** 2)

        for function, point in ((layer_cost, Wb), (input_cost, best)):
            for index in np.ndindex(point.shape):
                for change in (-1e-3, 1e-3):
                    moved = point.copy()
                    moved[index] += change
                    self.assertGreater(function(moved), function(point))


class Method(unittest.TestCase):
    def test_trains(self):
        records = admmbench.check(mine.Mine, 20)  # by itself, as the harness would run it; prints losses
        self.assertLess(records[-1]["train_loss"], 0.5 * records[0]["train_loss"])

    def test_another_activation_is_refused(self):
        with self.assertRaisesRegex(ValueError, "relu"):
            admmbench.check(mine.Mine, 1, activation="tanh")


if __name__ == "__main__":
    unittest.main()
