"""The losses in NumPy, double precision: the values and full gradients that the tests compare with.

    python3 test/losses/reference.py > test/losses/reference.json     (then prettier)

Written from the formulas of the papers, apart from src/losses. A gradient is taken by complex steps, dL/dz = Im L(z + ih) / h with
h = 1e-30, which is exact to the last digits and needs no second formula. A test runs this program again where Python has NumPy.
"""
import json
import math

import numpy as np

LOW = 1e-6  # probabilities are held in [LOW, 1 - LOW] where they meet a ratio or a power, without a gradient outside

INPUTS = {
    'four-tokens': dict(
        logits=[[2, 0, -1], [.5, 1, -.5], [-1, 0, 1.5], [0, 0, 0]], gold=[0, 2, 2, 1], counts=[900, 40, 60], outside=0),
    'no-outside': dict(
        logits=[[2, 0, -1], [.5, 1, -.5], [-1, 0, 1.5], [0, 0, 0]], gold=[0, 2, 2, 1], counts=[1, 1, 2], outside=-1),
    'ignored-row': dict(
        logits=[[2, 0, -1], [.5, 1, -.5], [3, -3, 0], [-1, 0, 1.5], [0, 0, 0]], gold=[0, 2, -1, 2, 1],
        counts=[900, 40, 60], outside=0),
    'class-absent': dict(
        logits=[[1.2, -.3, .4, -2.], [.1, .2, -.7, .9], [-.5, 1.7, .3, 0.], [2.5, -1, -1, .5], [.3, .3, .2, -.4],
                [0, -1.5, 2., 1.]],
        gold=[0, 0, 1, 0, 1, 0], counts=[5000, 300, 50, 7], outside=0),
    'rare-at-prior': dict(
        logits=[[math.log(.95), math.log(.04), math.log(.0095), math.log(.0005)]] * 5, gold=[0, 0, 1, 0, 3],
        counts=[9500, 400, 95, 5], outside=0),
    'logits-40': dict(
        logits=[[40, -40, 0], [-40, 40, 0], [0, -40, 40], [40, 0, -40], [-40, 0, 40]], gold=[0, 0, 2, 1, 2],
        counts=[900, 40, 60], outside=0),
}


def hold(x, low, high):
    """x held in [low, high]; outside it is a constant."""
    return np.where(x.real < low, low, np.where(x.real > high, high, x))


def softmax(z):
    e = np.exp(z - z.real.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def log_softmax(z):
    top = z.real.max(1, keepdims=True)
    return z - top - np.log(np.exp(z - top).sum(1, keepdims=True))


class Given:
    """The labelled rows of an input: logits z (N, C), gold ids y, one-hot Y (N, C), training counts and the id of O."""

    def __init__(self, z, gold, counts, outside):
        self.keep = np.array(gold) >= 0
        self.z = z[self.keep]
        self.y = np.array(gold)[self.keep]
        self.C = z.shape[1]
        self.Y = np.eye(self.C)[self.y]
        self.counts = np.array(counts, float)
        self.outside = outside
        self.p = softmax(self.z)
        self.held = hold(self.p, LOW, 1 - LOW)
        self.T = self.Y.sum(0)
        self.entities = [c for c in range(self.C) if c != outside]

    def of_gold(self, x):
        return (x * self.Y).sum(1)


def weights(d, weights='none', lgOffset=1, balance=.999, exponent=.25):
    n, c = d.counts.sum(), d.counts
    if isinstance(weights, dict):
        return np.array([weights.get(str(j), 1.) for j in range(d.C)])
    if weights == 'power':
        w = (n / c) ** exponent
        return w / ((c * w).sum() / n)
    return {
        'none': np.ones(d.C),
        'lg': np.log10((n - c) / c + lgOffset),
        'inverse': n / (d.C * c),
        'class-balanced': (1 - balance) / (1 - balance ** c) * d.C / ((1 - balance) / (1 - balance ** c)).sum(),
    }[weights]


def ce(d, **weighting):
    return -(weights(d, **weighting)[d.y] * d.of_gold(log_softmax(d.z))).mean()


def fl(d, gamma):
    log_p = d.of_gold(log_softmax(d.z))
    return -(hold(1 - np.exp(log_p), LOW, 1) ** gamma * log_p).mean()


def la(d, tau):
    prior = (d.counts + 1) / (d.counts.sum() + d.C)
    return -d.of_gold(log_softmax(d.z + tau * np.log(prior))).mean()


def overlap(d, ratio, guess, square, form, ignoreOutside=False):
    """The mean of 1 - overlap, which `ratio` makes of the sums of g y, of g (or g^2) and of y."""
    power = 2 if square else 1
    if form == 'gold':
        g = guess(hold(d.of_gold(d.p), LOW, 1 - LOW))
        return ratio(g, g ** power, np.ones(len(g))).mean()
    g = guess(d.held)
    both, below, truth = g * d.Y, g ** power, d.Y
    classes = [c for c in range(d.C) if not (ignoreOutside and c == d.outside)]
    if form == 'one-vs-rest':
        return ratio(both, below, truth)[:, classes].mean()
    if form == 'pooled':
        return ratio(*(x[:, d.entities].sum() for x in (both, below, truth)))
    terms = ratio(both.sum(0), below.sum(0), truth.sum(0))
    return terms[classes if form == 'set' else [c for c in classes if d.T[c] > 0]].mean()


def dsc(d, form, alpha, smooth, k=2, square=True):
    ratio = lambda both, below, truth: 1 - (k * both + smooth) / (below + truth + smooth)
    return overlap(d, ratio, lambda p: (1 - p) ** alpha * p if alpha else p, square, form)


def dl(d, form, smooth, square=True):
    return dsc(d, form, 0, smooth, 2, square)


def tversky(both, guess, truth, alpha, beta, smooth):
    return (both + smooth) / (both + alpha * (guess - both) + beta * (truth - both) + smooth)


def tl(d, form, smooth, alpha=.5, beta=.5):
    return overlap(d, lambda *sums: 1 - tversky(*sums, alpha, beta, smooth), lambda p: p, False, form)


def ce_log_dice(d, mix=.5, gamma=.3, smooth=1e-8):
    dice = tversky((d.held * d.Y).sum(0), d.held.sum(0), d.T, .5, .5, smooth)[d.T > 0]
    minus_log = -np.log(dice)
    return (1 - mix) * ce(d) + mix * (np.where(minus_log.real < 1e-12, 1e-12, minus_log) ** gamma).mean()


def unified_focal(d, mix=.5, delta=.6, gamma=.5, smooth=1e-6):
    log_p, rare = d.of_gold(log_softmax(d.z)), d.y != d.outside
    focal = np.where(rare, -delta * log_p, -(1 - delta) * hold(1 - np.exp(log_p), LOW, 1) ** gamma * log_p).mean()
    ti = tversky((d.held * d.Y).sum(0), d.held.sum(0), d.T, 1 - delta, delta, smooth)
    power = np.array([1 if c == d.outside else 1 - gamma for c in range(d.C)])
    return (1 - mix) * focal + mix * (hold(1 - ti, LOW, 1) ** power)[d.T > 0].mean()


def mixed(other):
    return lambda d, mix, **params: (1 - mix) * ce(d) + mix * other(d, **params)


def dice_blog(d, k, smooth=1e-5):
    m = d.held * d.Y
    c = (1 - m) * m
    per_class = 1 - (k * c * d.Y + smooth) / (c + d.Y + smooth)
    return per_class[np.arange(len(d.y)), per_class.real.argmax(1)].mean()


# nll of a tagger whose tokens are independent is ce; with a CRF: test/kernels/crf.test.ts
LOSSES = {'ce': ce, 'nll': ce, 'wce': ce, 'fl': fl, 'la': la, 'dl': dl, 'dsc': dsc, 'tl': tl, 'ce+dl': mixed(dl), 'ce+dsc': mixed(dsc),
          'ce+log-dice': ce_log_dice, 'unified-focal': unified_focal, 'dice-blog': dice_blog}

CASES = [
    ('ce', {}), ('nll', {}),
    *(('wce', dict(weights=scheme)) for scheme in ('lg', 'inverse', 'class-balanced', 'power')),
    ('wce', dict(weights='power', exponent=.5)),
    *(('fl', dict(gamma=gamma)) for gamma in (0, 1, 2, 3)),
    ('la', dict(tau=.25)), ('la', dict(tau=1)),
    ('ce+log-dice', {}), ('ce+log-dice', dict(gamma=1)), ('ce+log-dice', dict(mix=1, gamma=1)),
    ('unified-focal', {}),
    *(('dsc', dict(form='gold', alpha=alpha, k=k, smooth=s, square=False))
      for alpha, k, s in ((1, 2, 1e-5), (1, 1, 1e-5), (1, 2, 1), (.01, 2, 1))),
    *(('dsc', dict(form=form, alpha=alpha, smooth=1, square=False)) for form in ('one-vs-rest', 'set') for alpha in (1, .01)),
    *(('dsc', dict(form=form, alpha=.01, smooth=1)) for form in ('one-vs-rest', 'set', 'present', 'pooled')),
    *(('dl', dict(form=form, smooth=1, square=square))
      for form in ('one-vs-rest', 'set', 'present', 'pooled') for square in (True, False)),
    ('dl', dict(form='pooled', smooth=1e-5, square=False)),
    *(('tl', dict(form=form, smooth=1, alpha=alpha, beta=1 - alpha)) for form in ('one-vs-rest', 'set') for alpha in (.5, .3, .7)),
    *(('tl', dict(form=form, smooth=1e-5, alpha=alpha, beta=1 - alpha)) for form in ('present', 'pooled') for alpha in (.5, .3)),
    ('ce+dl', dict(mix=.5, form='set', smooth=1)),
    ('ce+dsc', dict(mix=.25, form='gold', alpha=.01, smooth=1, square=False)),
    *(('dice-blog', dict(k=k)) for k in (1, 2)),
]


def measure(loss, params, logits, gold, counts, outside):
    """The loss, and its gradient in every logit; rows with gold -1 are ignored."""
    value = lambda z: LOSSES[loss](Given(z, gold, counts, outside), **params)
    z = np.array(logits, complex)
    h, grad = 1e-30, np.zeros(z.shape)
    for at in np.ndindex(*z.shape):
        moved = z.copy()
        moved[at] += 1j * h
        grad[at] = np.imag(value(moved)) / h
    return float(np.real(value(z))), grad


digits = lambda x: float('%.10g' % x)


def case(loss, params, name, given):
    value, grad = measure(loss, params, **given)
    assert math.isfinite(value) and np.isfinite(grad).all(), (loss, params, name)
    return dict(loss=loss, params=params, input=name, value=digits(value), grad=[[digits(x) for x in row] for row in grad])


def published():
    """Rounded values that were written down elsewhere: the blog's function, one binary example, the floors of DSC."""
    four = INPUTS['no-outside']
    value = lambda loss, params, given=four: measure(loss, params, **given)[0]
    near = lambda got, want: np.testing.assert_allclose(got, want, atol=1e-6 / 2 * 1.01)
    near(value('ce', {}), .909739)
    near(value('wce', dict(weights='lg')), .369320)
    near([value('fl', dict(gamma=gamma)) for gamma in (1, 2, 3)], [.667189, .532300, .438489])
    token = lambda i: dict(four, logits=[four['logits'][i]], gold=[four['gold'][i]])
    gold = dict(form='gold', alpha=1, k=2, smooth=1e-5, square=False)
    near([value('dsc', gold, token(i)) for i in range(4)], [.767082, .806548, .696116, .636358])
    near([value('dsc', dict(gold, alpha=.01, smooth=1), token(i)) for i in range(4)], [.060718, .413898, .088888, .286458])
    near(value('dl', dict(form='set', smooth=1, square=False)), .356580)
    near(value('tl', dict(form='set', smooth=1, alpha=.3, beta=.7)), .273640)
    row = [.1, .2, .8, 1.2, 1.24, 2.96]
    blog = {2: [.929497, .899979, .848721, .820862, .719985, .310982], 1: [.964744, .949985, .924356, .910426, .859988, .405489]}
    for k, wanted in blog.items():
        for label, want in enumerate(wanted):
            rows = [label, label + 1] if label < 5 else [label]  # label 6 of 6 classes has no one-hot row: loss 0, in the mean
            got = value('dice-blog', dict(k=k), dict(logits=[row] * len(rows), gold=rows, counts=[1] * 6, outside=-1))
            near(got if label < 5 else got / 2, want)


def floors():
    """DSC of one gold token: lowest at p* = 1 / (1 + alpha)."""
    found = []
    for alpha in (.001, .01, .1, .5, 1, 2):
        for smooth in (1, 1e-5):
            p = 1 / (1 + alpha)
            g = (1 - p) ** alpha * p
            found.append(dict(alpha=alpha, smooth=smooth, pStar=digits(p), floor=digits(1 - (2 * g + smooth) / (g + 1 + smooth))))
    return found


def binary():
    """One class beside O, of which O is left out: the term of (p, y) at s = 1."""
    losses = dict(
        dl=('dl', dict(smooth=1)), dsc2=('dsc', dict(alpha=1, k=2, smooth=1, square=False)),
        dsc1=('dsc', dict(alpha=1, k=1, smooth=1, square=False)), dsc001=('dsc', dict(alpha=.01, smooth=1, square=False)),
        tl=('tl', dict(alpha=.3, beta=.7, smooth=1)))
    rows = []
    for y in (1, 0):
        for p in (.9, .5, .1):
            g = lambda alpha: (1 - p) ** alpha * p
            dice = lambda g, k, below: 1 - (k * g * y + 1) / (below + y + 1)
            terms = dict(dl=dice(p, 2, p * p), dsc2=dice(g(1), 2, g(1)), dsc1=dice(g(1), 1, g(1)),
                         dsc001=dice(g(.01), 2, g(.01)), tl=1 - tversky(p * y, p, y, .3, .7, 1))
            rows.append(dict(p=p, y=y, terms={name: digits(term) for name, term in terms.items()}))
    return dict(losses={name: dict(loss=loss, params=params) for name, (loss, params) in losses.items()}, rows=rows)


published()
cases = [case(loss, params, name, given) for loss, params in CASES for name, given in INPUTS.items()]
print(json.dumps(dict(inputs=INPUTS, cases=cases, floors=floors(), binary=binary())))
