"""Reference values of ranks.test.ts: python3 test/metrics/ranks.reference.py (scipy 1.9 or newer) writes ranks.reference.json; - prints it instead.

Where baycomp 1.0.3 can be imported (pip install baycomp, or PYTHONPATH), its signed-rank test (with a prior of strength 1, as ours) is asked too; else what it said stays.
The critical difference has the formula of autorank 1.3 (`_critical_distance`: q sqrt(k (k + 1) / (12 n))), with scipy's q, whose own is an
approximation.

The scores are those of table 6 of Demsar 2006 as printed, to three decimals: AUC of C4.5, with m, cf, and both tuned, on 14 data sets.
The paper ranked unrounded values, so that its mean ranks differ by 0.036 where two are printed alike (voting).
"""
import json
import sys
from pathlib import Path

import numpy as np
import scipy
from scipy import stats

SCORES = [
    [0.763, 0.768, 0.771, 0.798], [0.599, 0.591, 0.590, 0.569], [0.954, 0.971, 0.968, 0.967],
    [0.628, 0.661, 0.654, 0.657], [0.882, 0.888, 0.886, 0.898], [0.936, 0.931, 0.916, 0.931],
    [0.661, 0.668, 0.609, 0.685], [0.583, 0.583, 0.563, 0.625], [0.775, 0.838, 0.866, 0.875],
    [1.000, 1.000, 1.000, 1.000], [0.940, 0.962, 0.965, 0.962], [0.619, 0.666, 0.614, 0.669],
    [0.972, 0.981, 0.975, 0.975], [0.957, 0.978, 0.946, 0.970],
]

scores = np.array(SCORES)
n, k = scores.shape
ranks = np.mean([stats.rankdata(-row) for row in scores], axis=0)
chi, p = stats.friedmanchisquare(*scores.T)
f = (n - 1) * chi / (n * (k - 1) - chi)
error = np.sqrt(k * (k + 1) / (6 * n))
z = (ranks[0] - ranks[1:]) / error
differences = scores[:, 3] - scores[:, 0]

# the Bayesian signed-rank test, by definition, with many draws
rng = np.random.default_rng(0)
zs = np.concatenate([[0], differences])
sums = zs[:, None] + zs[None, :]
rope = 0.01
weights = rng.dirichlet(np.ones(len(zs)), 200_000)
left = np.einsum("di,dj,ij->d", weights, weights, (sums < -2 * rope).astype(float), optimize=True)
right = np.einsum("di,dj,ij->d", weights, weights, (sums > 2 * rope).astype(float), optimize=True)
winner = np.argmax(np.stack([left, 1 - left - right, right]), axis=0)

path = Path(__file__).with_name("ranks.reference.json")
try:
    from baycomp import SignedRankTest

    left, rope_p, right = SignedRankTest.probs(scores[:, 0], scores[:, 3], rope=rope, prior=1, nsamples=100_000, random_state=0)
    baycomp = [round(float(x), 4) for x in (left, rope_p, right)]
except ImportError:
    baycomp = json.loads(path.read_text())["baycomp"]

def holm(ps):
    """Holm 1979: the i-th smallest of m times m - i + 1, none below the one before it."""
    order = np.argsort(ps)
    stepped = np.maximum.accumulate([(len(ps) - i) * ps[j] for i, j in enumerate(order)])
    return [float(min(1, stepped[list(order).index(j)])) for j in range(len(ps))]

out = {
    "scipy": scipy.__version__,
    "scores": SCORES,
    "ranks": ranks.tolist(),
    "friedman": [chi, p],
    "imanDavenport": [f, stats.f.sf(f, k - 1, (k - 1) * (n - 1))],
    "criticalDifference": stats.studentized_range.ppf(0.95, k, np.inf) * np.sqrt(k * (k + 1) / (12 * n)),
    "z": z.tolist(),
    "p": (2 * stats.norm.sf(np.abs(z))).tolist(),
    "pHolm": holm(2 * stats.norm.sf(np.abs(z))),
    "signs": [[a, b, stats.binomtest(a, a + b).pvalue] for a, b in ((4, 0), (5, 0), (6, 0), (1, 7), (9, 2), (3, 3), (2, 1), (10, 1))],
    "baycomp": baycomp,
    "signedRank": [float(np.mean(winner == w)) for w in range(3)],
    "chiSquare": [[x, df, stats.chi2.sf(x, df)] for x in (0.1, 1.0, 9.28, 40.0) for df in (1, 3, 9)],
    "f": [[x, a, b, stats.f.sf(x, a, b)] for x in (0.2, 1.0, 3.69, 12.0) for a, b in ((3, 39), (1, 4), (9, 81))],
    "normal": [[x, 2 * stats.norm.sf(x)] for x in (0.0, 0.5, 1.96, 4.0, 6.0)],
    "range": [[k, stats.studentized_range.ppf(0.95, k, np.inf)] for k in (2, 3, 5, 10, 20)],
    "spearman": [[a, b, float(stats.spearmanr(a, b)[0])] for a, b in (
        ([1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 6.0, 7.0, 8.0, 7.0]),
        ([9.0, 38.0, 67.0, 85.0, 208.0, 19.0], [0.4, -4.2, -0.1, 3.9, 3.6, -4.2]),
    )],
}
text = json.dumps(out) + "\n"
if sys.argv[1:] == ["-"]:
    sys.stdout.write(text)
else:
    path.write_text(text)
