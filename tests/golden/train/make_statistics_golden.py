"""Writes statistics.json: pass@k by exact counting, and Wilson's interval by solving its equation.

    python3 make_statistics_golden.py

Needs Python 3.9 alone. pass@k is 1 - C(n-c, k) / C(n, k) in integers. Wilson's limits are the shares q at which a
normal test of q would just not reject: (p - q)^2 = z^2 q (1 - q) / n, found by bisection, without the closed form.
"""
import json
import math
import pathlib
import statistics
from fractions import Fraction


def pass_at_k(n, c, k):
    return float(1 - Fraction(math.comb(n - c, k), math.comb(n, k)))


def root(f, low, high):
    """f changes its sign once between low and high."""
    rising = f(high) > 0
    for _ in range(200):
        middle = (low + high) / 2
        if (f(middle) > 0) == rising:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def wilson(right, n):
    z, p = statistics.NormalDist().inv_cdf(0.975), right / n
    f = lambda q: (p - q) ** 2 - z * z * q * (1 - q) / n
    low = 0.0 if right == 0 else root(f, 0.0, p)
    high = 1.0 if right == n else root(f, p, 1.0)
    return low, high


passes = [(n, c, k) for n in (1, 2, 5, 16, 64) for c in (0, 1, 2, n // 2, n) if c <= n for k in (1, 2, 4, n) if k <= n]
passes += [(1000, 3, 100), (1000, 1, 1), (1000, 950, 50), (200, 199, 2)]
shares = [(0, 1), (1, 1), (0, 40), (40, 40), (1, 40), (3, 200), (100, 200), (317, 500), (1273, 1273)]
golden = {
    "pass_at_k": [{"n": n, "c": c, "k": k, "value": pass_at_k(n, c, k)} for n, c, k in passes],
    "wilson": [{"right": r, "n": n, "low": wilson(r, n)[0], "high": wilson(r, n)[1]} for r, n in shares],
}
path = pathlib.Path(__file__).parent / "statistics.json"
path.write_text(json.dumps(golden, indent=1) + "\n")
