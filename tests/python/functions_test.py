"""The network's functions of admmbench.Problem: gradients against finite differences, the output block against its condition,
all of it against docs/problem.md."""

import unittest

import numpy as np

from support import random_problem

import admmbench
from admmbench.problem import ACTIVATIONS


def problem(activation="relu", loss="cross_entropy", precision="float64", widths=(5, 7, 6, 3), labels=True):
    arrays = random_problem(40, widths, precision, labels)
    layers = range(1, len(widths))
    W, b = [5 * arrays[f"W{l}"] for l in layers], [arrays[f"b{l}"] for l in layers]
    return admmbench.Problem(arrays["x"], arrays["targets"], W, b, labels=arrays.get("labels"), activation=activation, loss=loss)


def slope(f, array, index, h=1e-6):
    """Of f() in one entry of an array."""
    old = array[index]
    array[index] = old + h
    above = f()
    array[index] = old - h
    below = f()
    array[index] = old
    return (above - below) / (2 * h)


class Gradients(unittest.TestCase):
    def check(self, p, wrong=lambda g: g):
        loss, gW, gb = p.train_loss_and_gradients()
        self.assertAlmostEqual(loss, p.train_loss(), places=14)
        for arrays, gradients in ((p.W, gW), (p.b, gb)):
            for array, gradient in zip(arrays, gradients):
                self.assertEqual(gradient.shape, array.shape)
                for index in list(np.ndindex(array.shape))[::5]:
                    self.assertAlmostEqual(wrong(gradient)[index], slope(p.train_loss, array, index), places=7)

    def test_of_every_activation_and_loss(self):
        for activation in ACTIVATIONS:
            for loss in ("cross_entropy", "squared"):
                with self.subTest(activation=activation, loss=loss):
                    self.check(problem(activation, loss))
        self.check(problem("tanh", "squared", labels=False))
        self.check(problem(widths=(5, 3)))

    def test_a_wrong_gradient_is_noticed(self):
        with self.assertRaises(AssertionError):
            self.check(problem(), wrong=lambda g: 1.001 * g)

    def test_of_the_output(self):
        for loss in ("cross_entropy", "squared"):
            p = problem(loss=loss)
            z = p.forward()[0][-1]
            value, gradient = p.loss_and_gradient(z)
            self.assertAlmostEqual(value, p.N * p.train_loss(), places=10)
            for index in list(np.ndindex(z.shape))[::7]:
                self.assertAlmostEqual(gradient[index], slope(lambda: p.loss_and_gradient(z)[0], z, index), places=6)

    def test_large_outputs_do_not_overflow(self):
        p = problem()
        z = 1e4 * p.forward()[0][-1]
        with np.errstate(all="raise", under="ignore"):
            value, gradient = p.loss_and_gradient(z)
        self.assertTrue(np.isfinite(value) and np.isfinite(gradient).all())


class Network(unittest.TestCase):
    def test_forward_is_the_problem_page(self):
        p = problem("leaky_relu")
        z, a = p.forward()
        self.assertIs(a[0], p.x)
        self.assertEqual((len(z), len(a)), (3, 3))
        for l in range(1, 4):
            np.testing.assert_allclose(z[l - 1], (p.W[l - 1] @ a[l - 1].T + p.b[l - 1][:, None]).T, rtol=1e-14)
        np.testing.assert_array_equal(a[1], np.where(z[0] > 0, z[0], 0.01 * z[0]))
        other = p.forward([2 * w for w in p.W], p.b, p.x[:3])[0][0]
        np.testing.assert_allclose(other, 2 * p.x[:3] @ p.W[0].T + p.b[0], rtol=1e-14)

    def test_activations(self):
        z = np.array([-800.0, -2, -0.5, 0, 0.5, 2, 800])
        wanted = {"relu": np.maximum(z, 0), "leaky_relu": np.where(z > 0, z, 0.01 * z), "identity": z, "tanh": np.tanh(z)}
        for name, values in wanted.items():
            np.testing.assert_array_equal(ACTIVATIONS[name].f(z), values)
        with np.errstate(all="raise", under="ignore"):
            np.testing.assert_allclose(ACTIVATIONS["sigmoid"].f(z)[1:-1], 1 / (1 + np.exp(-z[1:-1])), rtol=1e-15)
        self.assertEqual(list(ACTIVATIONS["relu"].df(z)), [0, 0, 0, 0, 1, 1, 1])
        self.assertEqual(list(ACTIVATIONS["leaky_relu"].df(z)), [0.01, 0.01, 0.01, 0.01, 1, 1, 1])

    def test_float32_stays_float32(self):
        for activation in ACTIVATIONS:
            p = problem(activation, precision="float32")
            z, a = p.forward()
            self.assertEqual({array.dtype for array in (*z, *a)}, {np.dtype("float32")})
            _, gW, gb = p.train_loss_and_gradients()
            self.assertEqual({array.dtype for array in (*gW, *gb, p.df(z[0]), p.output_prox(z[-1], 1))}, {np.dtype("float32")})

    def test_accuracy(self):
        p = problem()
        share = np.mean([np.argmax(row) == label for row, label in zip(p.forward()[0][-1], p.labels)])
        self.assertAlmostEqual(p.train_accuracy(), share)
        self.assertTrue(np.isnan(problem(loss="squared", labels=False).train_accuracy()))

    def test_unknown_names(self):
        with self.assertRaisesRegex(ValueError, "did you mean 'sigmoid'"):
            problem("sigmod")
        with self.assertRaisesRegex(ValueError, "'mse'.*cross_entropy, squared"):
            problem(loss="mse")


class OutputBlock(unittest.TestCase):
    """R's gradient plus c (z - m) vanishes at the minimum, and nowhere else: R is convex."""

    def residual(self, p, m, c, z):
        return np.abs(p.loss_and_gradient(z)[1] + c * (z - m)).max()

    def test_cross_entropy(self):
        p = problem()
        draw = np.random.default_rng(0)
        for scale in (0, 1, 30, 1000):
            m = scale * draw.normal(size=p.targets.shape)
            for c in (1e-6, 1e-3, 1, 1e3):
                with self.subTest(scale=scale, c=c):
                    z = p.output_prox(m, c)
                    self.assertLess(self.residual(p, m, c, z), 1e-9 * max(1, c))

    def test_squared(self):
        p = problem(loss="squared")
        m = np.random.default_rng(0).normal(size=p.targets.shape)
        self.assertLess(self.residual(p, m, 0.3, p.output_prox(m, 0.3)), 1e-14)

    def test_another_point_is_noticed(self):
        p = problem()
        m = np.zeros(p.targets.shape)
        self.assertGreater(self.residual(p, m, 1, p.output_prox(m, 1) + 1e-6), 1e-7)

    def test_c_must_be_positive(self):
        with self.assertRaisesRegex(ValueError, "c is 0"):
            problem().output_prox(np.zeros((40, 3)), 0)


if __name__ == "__main__":
    unittest.main()
