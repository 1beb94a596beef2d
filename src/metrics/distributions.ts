/**
 * Tails of the distributions that the rank tests need, to about 1e-12. Methods: Numerical Recipes (3rd edition) 6.2 and 6.4,
 * Lanczos' log-gamma with g = 7.
 */

const LANCZOS: readonly number[] = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** log of the gamma function for x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const sum = LANCZOS.reduce((all, c, i) => all + c / (x + i), 0.99999999999980993);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

const TINY = 1e-300;
const CLOSE = 1e-16;

/** Q(a, x), the upper regularised incomplete gamma function. */
function gammaTail(a: number, x: number): number {
  if (x <= 0) return 1;
  const factor = Math.exp(-x + a * Math.log(x) - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; Math.abs(term) > Math.abs(sum) * CLOSE; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - factor * sum;
  }
  let b = x + 1 - a; // Lentz's continued fraction
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 10_000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / atLeast(an * d + b);
    c = atLeast(b + an / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < CLOSE) break;
  }
  return factor * h;
}

const atLeast = (x: number): number => (Math.abs(x) < TINY ? TINY : x);

/** I_x(a, b), the regularised incomplete beta function. */
function betaShare(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(b, a, 1 - x);
  const factor = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x));
  let c = 1;
  let d = 1 / atLeast(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / atLeast(1 + even * d);
    c = atLeast(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / atLeast(1 + odd * d);
    c = atLeast(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < CLOSE) break;
  }
  return (factor * h) / a;
}

/** P(X >= x) of the chi-square distribution. */
export const chiSquareTail = (x: number, df: number): number => gammaTail(df / 2, x / 2);

/** P(X >= x) of the F distribution. */
export const fTail = (x: number, df1: number, df2: number): number =>
  x <= 0 ? 1 : betaShare(df2 / 2, df1 / 2, df2 / (df2 + df1 * x));

/** P(Z <= z) of the normal distribution. */
export function normalShare(z: number): number {
  const tail = 0.5 * gammaTail(0.5, (z * z) / 2);
  return z < 0 ? tail : 1 - tail;
}

/** P(|Z| >= |z|) of the normal distribution. */
export const normalTwoSided = (z: number): number => gammaTail(0.5, (z * z) / 2);

/**
 * The least x in (low, high] that fulfils what every larger one fulfils too, to the precision asked for, by bisection; `high` is taken to
 * fulfil it.
 */
export function bisect(holds: (x: number) => boolean, low: number, high: number, precision = 1e-12): number {
  let [fails, does] = [low, high];
  while (does - fails > precision) {
    const middle = (fails + does) / 2;
    if (middle <= fails || middle >= does) break; // neighbours as numbers
    if (holds(middle)) does = middle;
    else fails = middle;
  }
  return does;
}

/** The z that a standard normal exceeds on either side with probability p. */
export const normalQuantile = (p: number): number => bisect((z) => normalTwoSided(z) <= p, 0, 40);

/** The t that Student's distribution exceeds on either side with probability p. */
export const studentQuantile = (p: number, df: number): number => bisect((t) => fTail(t * t, 1, df) <= p, 0, 1e4);

/** The x that a chi-square exceeds with probability p. */
export const chiSquareQuantile = (p: number, df: number): number => bisect((x) => chiSquareTail(x, df) <= p, 0, 1e6);

/** P(range of k standard normals <= q): the studentized range with infinitely many degrees of freedom. */
export function rangeShare(q: number, k: number): number {
  const h = 0.1; // the trapezoidal rule gains digits exponentially where a smooth integrand is gone at both ends
  let sum = 0;
  for (let z = -9; z <= 9; z += h) sum += Math.exp((-z * z) / 2) * (normalShare(z) - normalShare(z - q)) ** (k - 1);
  return (k * sum * h) / Math.sqrt(2 * Math.PI);
}

/** The q that a range of k standard normals does not exceed with the probability `share`: by the secant rule, kept in a bracket. */
export function rangeQuantile(share: number, k: number): number {
  let [low, high] = [0, 12];
  let [below, above] = [-share, 1 - share];
  for (let i = 0; i < 100 && high - low > 1e-12; i++) {
    const secant = low - (below * (high - low)) / (above - below);
    const q = i % 3 === 2 ? (low + high) / 2 : secant;
    const off = rangeShare(q, k) - share;
    if (Math.abs(off) < 1e-14) return q;
    if (off < 0) [low, below] = [q, off];
    else [high, above] = [q, off];
  }
  return (low + high) / 2;
}
