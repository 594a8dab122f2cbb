"""Writes data.h5, the samples of my-name, to be named in experiments as {file: data.h5}. The suite needs no code for it: replace
samples() by what reads your data.

The file: /train, /val and /test, each with x (samples, features) and y (labels 0, 1, ...), or t (samples, outputs) for
regression; val and test may be left out. docs/reference/datasets.md of the suite says the same at length."""

import sys

import h5py
import numpy as np

RINGS = 3
NOISE = 0.1
COUNTS = {"train": 300, "val": 150, "test": 150}  # val is what `tune:` chooses on
SEED = 0


def samples(count, generator, noise=NOISE):
    """x (count, 2) and y (count,): rings around the origin; class c is the ring of radius c + 1, moved by noise."""
    y = np.arange(count) % RINGS
    angle = 2 * np.pi * generator.random(count)
    x = (y + 1)[:, None] * np.c_[np.cos(angle), np.sin(angle)]
    return x + noise * generator.normal(size=x.shape), y


def write(path):
    generator = np.random.default_rng(SEED)
    with h5py.File(path, "w") as file:
        file.attrs["name"], file.attrs["classes"] = "my-name", RINGS
        for split, count in COUNTS.items():
            file[f"{split}/x"], file[f"{split}/y"] = samples(count, generator)


if __name__ == "__main__":
    write(sys.argv[1] if len(sys.argv) > 1 else "data.h5")
