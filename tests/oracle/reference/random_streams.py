"""The suite's random streams and the batches that are drawn from them (docs/problem.md#mini-batches)."""

import numpy as np

WORD = 2**64 - 1
BATCH_STREAM = 0x6261746368  # "batch" in ASCII
STATE, MIDDLE = 312, 156  # of the 64-bit Mersenne twister


def mixed(x):
    """SplitMix64's mixing function (Steele, Lea, Flood 2014)."""
    x = (x + 0x9E3779B97F4A7C15) & WORD
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & WORD
    return x ^ (x >> 31)


class Stream:
    """std::mt19937_64 (Nishimura, ACM TOMACS 10, 2000), seeded from a run's seed and the name of a stream."""

    def __init__(self, seed, stream):
        self.state = [mixed(mixed(seed) ^ stream)]
        for i in range(1, STATE):
            last = self.state[-1]
            self.state.append((6364136223846793005 * (last ^ (last >> 62)) + i) & WORD)
        self.position, self.spare = STATE, None

    def twist(self):
        s = self.state
        for i in range(STATE):
            joined = (s[i] >> 31 << 31) | (s[(i + 1) % STATE] & (2**31 - 1))
            s[i] = s[(i + MIDDLE) % STATE] ^ (joined >> 1) ^ (0xB5026F5AA96619E9 if joined & 1 else 0)
        self.position = 0

    def word(self):
        if self.position == STATE:
            self.twist()
        x = self.state[self.position]
        self.position += 1
        x ^= (x >> 29) & 0x5555555555555555
        x ^= (x << 17) & 0x71D67FFFEDA60000
        x ^= (x << 37) & 0xFFF7EEE000000000
        return x ^ (x >> 43)

    def below(self, n):
        """Uniform on 0..n-1: words below 2^64 mod n would favour some values, and are drawn again."""
        x = self.word()
        while x < 2**64 % n:
            x = self.word()
        return x % n

    def uniform(self):
        return ((self.word() >> 11) + 0.5) / 2**53

    def normal(self):
        """Box and Muller: the cosine first, the sine at the next call."""
        if self.spare is not None:
            value, self.spare = self.spare, None
            return value
        radius, angle = np.sqrt(-2 * np.log(self.uniform())), 2 * np.pi * self.uniform()
        self.spare = radius * np.sin(angle)
        return radius * np.cos(angle)

    def normals(self, *shape):
        """N(0, 0.1^2), column by column."""
        return 0.1 * np.array([self.normal() for _ in range(np.prod(shape))]).reshape(shape, order="F")


class Batches:
    """The samples of the batches, one pass after the other."""

    def __init__(self, samples, size, seed):
        self.size = samples if size == "full" else min(size, samples)
        self.order, self.stream = list(range(samples)), Stream(seed, BATCH_STREAM)

    def count(self):
        return -(-len(self.order) // self.size)

    def next_pass(self):
        """Fisher and Yates from the last place down, on the order of the pass before."""
        if self.count() > 1:
            for i in range(len(self.order) - 1, 0, -1):
                j = self.stream.below(i + 1)
                self.order[i], self.order[j] = self.order[j], self.order[i]
        return [self.order[first:first + self.size] for first in range(0, len(self.order), self.size)]
