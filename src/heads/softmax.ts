import type { Head } from './head';

/** Every token for itself: the emissions are logits, probabilities their softmax, tags the likeliest; the lower id on a tie. */
export const softmax: Head = {
  title: 'each token for itself',
  weights: () => [],
  loss: (loss, emissions, target) => loss(emissions, target),
  probabilities: (emissions) => probabilities(emissions.dataSync<'float32'>(), emissions.shape[1]),
  decode: (emissions) => argmax(emissions.dataSync<'float32'>(), emissions.shape[1]),
};

function argmax(scores: Float32Array, labels: number): Int32Array {
  const best = new Int32Array(scores.length / labels);
  for (let n = 0; n < best.length; n++) {
    const row = n * labels;
    let top = scores[row] as number;
    for (let c = 1; c < labels; c++) {
      const score = scores[row + c] as number;
      if (score > top) {
        top = score;
        best[n] = c;
      }
    }
  }
  return best;
}

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
