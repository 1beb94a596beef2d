import { bestLabels, type Head } from './head';

/** Every token for itself: the emissions are logits, and probabilities their softmax. */
export const softmax: Head = {
  weights: () => [],
  loss: (loss, emissions, target) => loss(emissions, target),
  probabilities: (emissions) => probabilities(emissions.dataSync<'float32'>(), emissions.shape[1]),
  path: () => null,
  decode: (emissions, target, _, decoding) => bestLabels(emissions, target, decoding, null),
};

function probabilities(scores: Float32Array, labels: number): Float32Array {
  const out = new Float32Array(scores.length);
  for (let at = 0; at < scores.length; at += labels) {
    let max = -Infinity;
    for (let c = 0; c < labels; c++) max = Math.max(max, scores[at + c] as number);
    let sum = 0;
    for (let c = 0; c < labels; c++) sum += Math.exp((scores[at + c] as number) - max);
    for (let c = 0; c < labels; c++) out[at + c] = Math.exp((scores[at + c] as number) - max) / sum;
  }
  return out;
}
