"""The two-sided Mann-Whitney U test, and a bound on a rate that was counted.

Ours rather than SciPy's: fifty lines that the tests check against all permutations and against published values, and
the gate needs nothing but the standard library."""

import functools
import math

# Up to here the exact distribution costs milliseconds; beyond it the normal approximation is good to four digits.
LARGEST_EXACT = 50


def u_statistic(xs, ys):
    """Number of pairs with x > y; a tie counts one half."""
    return sum((x > y) + 0.5 * (x == y) for x in xs for y in ys)


def mann_whitney(xs, ys):
    """(U of xs, two-sided p). Exact for small samples without ties, else normal with tie and continuity correction."""
    if not xs or not ys:
        raise ValueError("the Mann-Whitney test needs at least one value on either side")
    if not all(math.isfinite(v) for v in (*xs, *ys)):
        raise ValueError("the Mann-Whitney test needs finite values")
    u = u_statistic(xs, ys)
    ties = len(set(xs) | set(ys)) < len(xs) + len(ys)
    if ties or max(len(xs), len(ys)) > LARGEST_EXACT:
        return u, normal_p(u, xs, ys)
    return u, exact_p(int(u), len(xs), len(ys))


@functools.cache
def arrangements(n, m):
    """Entry u: how many of the C(n+m, n) orders of n + m different values have U = u. These are the coefficients of the
    Gaussian binomial, the product over i = 1..n of (1 - q^(m+i)) / (1 - q^i)."""
    counts = [1] + [0] * (n * m)
    for i in range(1, n + 1):
        for u in range(n * m, m + i - 1, -1):  # times 1 - q^(m+i)
            counts[u] -= counts[u - m - i]
        for u in range(i, n * m + 1):  # divided by 1 - q^i
            counts[u] += counts[u - i]
    return counts


def exact_p(u, n, m):
    counts = arrangements(n, m)
    tail = min(sum(counts[:u + 1]), sum(counts[u:]))
    return min(1.0, 2 * tail / math.comb(n + m, n))


def normal_p(u, xs, ys):
    n, m = len(xs), len(ys)
    pooled = [*xs, *ys]
    total = n + m
    ties = sum(t**3 - t for t in (pooled.count(value) for value in set(pooled)))
    variance = n * m / 12 * ((total + 1) - ties / (total * (total - 1)))
    if variance <= 0:  # all values are equal
        return 1.0
    distance = max(0.0, abs(u - n * m / 2) - 0.5)
    return math.erfc(distance / math.sqrt(2 * variance))


def smallest_p(n, m):
    """What two samples that do not overlap at all give: no test of this size can say more."""
    return min(1.0, 2 / math.comb(n + m, n))


def upper_bound(events, trials, confidence=0.95):
    """One-sided upper confidence limit of a rate (Clopper and Pearson), by bisection of the binomial distribution."""
    if events >= trials:
        return 1.0
    low, high = events / trials, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        seen = sum(math.comb(trials, k) * rate**k * (1 - rate)**(trials - k) for k in range(events + 1))
        low, high = (rate, high) if seen > 1 - confidence else (low, rate)
    return high
