import type { LossContext, ParamValues } from '../../src/losses';

/** The losses a second time: plain numbers, plain loops, straight from the formulas; no tensors, nothing shared with src. */
export function plainLoss(
  name: string,
  params: ParamValues,
  context: LossContext,
  logits: readonly (readonly number[])[],
  gold: readonly number[],
  sentenceOf: readonly number[],
  epoch: number,
): number {
  const value = params as unknown as PlainParams;
  const rows = gold.map((g, i) => ({ g, p: softmax(logits[i]), sentence: sentenceOf[i] })).filter(({ g }) => g >= 0);
  if (rows.length === 0) return 0;
  const weight = plainWeights(value, context);
  const mean = (terms: number[]): number => terms.reduce((a, b) => a + b, 0) / terms.length;
  const ce = (): number => mean(rows.map(({ g, p }) => -weight[g] * Math.log(p[g])));

  const overlap = (loss: Ratio, guess: (p: number) => number, form = value.form): number => {
    const classes = context.labels.map((_, j) => j).filter((j) => !(value.ignoreOutside && j === context.outside));
    const y = (g: number, j: number): number => (g === j ? 1 : 0);
    if (form === 'gold') return mean(rows.map(({ g, p }) => weight[g] * loss([guess(p[g])], [1])));
    const sets: (typeof rows)[] =
      form === 'one-vs-rest'
        ? rows.map((row) => [row])
        : value.scope === 'batch'
          ? [rows]
          : [...new Set(rows.map((row) => row.sentence))].map((s) => rows.filter((row) => row.sentence === s));
    const term = (set: typeof rows, j: number): number =>
      weight[j] *
      loss(
        set.map(({ p }) => guess(p[j])),
        set.map(({ g }) => y(g, j)),
      );
    if (form === 'present') {
      const here = (set: typeof rows): number[] => classes.filter((j) => set.some(({ g }) => g === j));
      return mean(sets.map((set) => (here(set).length > 0 ? mean(here(set).map((j) => term(set, j))) : 0)));
    }
    if (form === 'pooled') {
      // every pair of a token and an entity label is one binary question of the same ratio
      const asked = context.labels.map((_, j) => j).filter((j) => j !== context.outside);
      const pairs = (set: typeof rows) =>
        asked.flatMap((j) => set.map(({ g, p }) => ({ g: guess(p[j]), y: y(g, j), w: weight[j] })));
      const ofSet = (set: typeof rows): number => {
        const all = pairs(set);
        return loss(
          all.map((pair) => pair.g),
          all.map((pair) => pair.y),
          all.map((pair) => pair.w),
        );
      };
      return mean(sets.map(ofSet));
    }
    return mean(sets.map((set) => mean(classes.map((j) => term(set, j)))));
  };
  const sum = (x: number[]): number => x.reduce((a, b) => a + b, 0);
  const one = (): number => 1;
  const { smooth: s, square } = value;
  const dice =
    (k: number) =>
    (g: number[], y: number[], w: number[] = g.map(one)): number => {
      const both = sum(g.map((v, i) => w[i] * v * y[i]));
      const below = sum(g.map((v, i) => w[i] * (square ? v * v : v))) + sum(y.map((v, i) => w[i] * v));
      return 1 - (k * both + s) / (below + s);
    };
  const dsc = (): number => overlap(dice(value.k), (p) => Math.pow(1 - p, value.alpha) * p);
  const dl = (): number => overlap(dice(2), (p) => p);

  // in a straight line from the first epoch to the one after the last of the schedule
  const passed = Math.min(1, (epoch - 1) / value.mixEpochs);
  const share = value.mixSchedule === 'linear' ? (1 - passed) * value.mixFrom + passed * value.mix : value.mix;

  switch (name) {
    case 'ce':
    case 'nll': // of tokens that do not know of each other
    case 'wce':
      return ce();
    case 'fl':
      return mean(rows.map(({ g, p }) => -weight[g] * Math.pow(1 - p[g], value.gamma) * Math.log(p[g])));
    case 'dl':
      return dl();
    case 'dsc':
      return dsc();
    case 'ce+dl':
      return (1 - share) * ce() + share * dl();
    case 'ce+dsc':
      return (1 - share) * ce() + share * dsc();
    case 'ce+log-dice':
      return (
        (1 - share) * ce() +
        share *
          overlap(
            (g, y) =>
              Math.pow(
                -Math.log((2 * sum(g.map((v, i) => v * y[i])) + 2 * s) / (sum(g) + sum(y) + 2 * s)),
                value.gamma,
              ),
            (p) => p,
            'present',
          )
      );
    case 'unified-focal': {
      const { delta, gamma } = value;
      const common = (j: number): boolean => j === context.outside;
      const focal = mean(
        rows.map(({ g, p }) => -Math.log(p[g]) * (common(g) ? (1 - delta) * Math.pow(1 - p[g], gamma) : delta)),
      );
      const there = context.labels.map((_, j) => j).filter((j) => rows.some(({ g }) => g === j));
      const terms = there.map((j) => {
        const tp = sum(rows.map(({ g, p }) => (g === j ? p[j] : 0)));
        const missed = sum(rows.map(({ g, p }) => (g === j ? 1 - p[j] : 0)));
        const wrong = sum(rows.map(({ g, p }) => (g === j ? 0 : p[j])));
        const index = (tp + s) / (tp + delta * missed + (1 - delta) * wrong + s);
        return Math.pow(1 - index, common(j) ? 1 : 1 - gamma);
      });
      return (1 - share) * focal + share * mean(terms);
    }
    case 'la': {
      const n = context.counts.reduce((a, b) => a + b, 0) + context.labels.length;
      const prior = context.counts.map((c) => Math.pow((c + 1) / n, value.tau));
      return mean(rows.map(({ g, p }) => -Math.log((p[g] * prior[g]) / sum(p.map((v, j) => v * prior[j])))));
    }
    case 'tl':
      return overlap(
        (g, y, w = g.map(one)) => {
          const tp = sum(g.map((v, i) => w[i] * v * y[i]));
          const fp = sum(g.map((v, i) => w[i] * v * (1 - y[i])));
          const fn = sum(g.map((v, i) => w[i] * (1 - v) * y[i]));
          return 1 - (tp + s) / (tp + value.alpha * fp + value.beta * fn + s);
        },
        (p) => p,
      );
    case 'dice-blog':
      return mean(
        rows.map(({ g, p }) => {
          const terms = p.map((v, j) => {
            const m = j === g ? v : 0;
            const c = (1 - m) * m;
            const one = j === g ? 1 : 0;
            return 1 - (value.k * c * one + s) / (c + one + s);
          });
          return Math.max(...terms);
        }),
      );
    default:
      throw new Error(`no plain implementation of loss ${name}: write one here`);
  }
}

/** One overlap of guesses and gold values, weighed term by term in the sums. */
type Ratio = (g: number[], y: number[], w?: number[]) => number;

interface PlainParams {
  form: string;
  scope: string;
  alpha: number;
  beta: number;
  gamma: number;
  smooth: number;
  k: number;
  square: boolean;
  mix: number;
  mixSchedule: string;
  mixFrom: number;
  mixEpochs: number;
  delta: number;
  tau: number;
  exponent: number;
  ignoreOutside: boolean;
  weights?: string | Record<string, number>;
  lgOffset: number;
  balance: number;
}

function plainWeights(value: PlainParams, { labels, counts }: LossContext): number[] {
  const n = counts.reduce((a, b) => a + b, 0);
  const { weights = 'none' } = value;
  if (typeof weights === 'object') return labels.map((label) => weights[label] ?? 1);
  if (weights === 'power') {
    const raw = counts.map((c) => Math.pow(c / n, -value.exponent));
    const mean = counts.map((c, j) => (c / n) * raw[j]).reduce((a, b) => a + b, 0);
    return raw.map((w) => w / mean);
  }
  if (weights === 'lg') return counts.map((c) => Math.log((n - c) / c + value.lgOffset) / Math.LN10);
  if (weights === 'inverse') return counts.map((c) => n / labels.length / c);
  if (weights === 'class-balanced') {
    const effective = counts.map((c) => (1 - Math.pow(value.balance, c)) / (1 - value.balance));
    const total = effective.reduce((sum, e) => sum + 1 / e, 0);
    return effective.map((e) => labels.length / (e * total));
  }
  return labels.map(() => 1);
}

function softmax(z: readonly number[]): number[] {
  const top = Math.max(...z);
  const e = z.map((v) => Math.exp(v - top));
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / total);
}
