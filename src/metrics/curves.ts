/** Precision against recall of one class. */
export interface Curve {
  readonly name: string;
  /** `at`: the bias of O, or for plain tags the threshold on the tag's probability. */
  readonly points: readonly { readonly at: number; readonly precision: number; readonly recall: number }[];
}

const THRESHOLDS = [
  0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99,
];

/**
 * One curve a tag, each tag against the rest: a token counts as the tag where its probability reaches the threshold. Tags that gold
 * lacks have no curve, thresholds that no token reaches no point.
 * @param probabilities (N, C)
 * @param gold (N), -1 for tags that training never saw
 */
export function tagCurves(probabilities: Float32Array, gold: Int32Array, labels: readonly string[]): Curve[] {
  return labels.flatMap((name, c) => {
    const support = gold.reduce((sum, label) => sum + (label === c ? 1 : 0), 0);
    if (support === 0) return [];
    const points = THRESHOLDS.flatMap((at) => {
      let predicted = 0;
      let right = 0;
      for (let i = 0; i < gold.length; i++) {
        if ((probabilities[i * labels.length + c] as number) < at) continue;
        predicted++;
        if (gold[i] === c) right++;
      }
      return predicted === 0 ? [] : [{ at, precision: right / predicted, recall: right / support }];
    });
    return [{ name, points }];
  });
}
