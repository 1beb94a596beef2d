import { crossEntropy } from './ce';
import { defineLoss } from './loss';
import { logPriors } from './weights';

/**
 * Logit adjustment: -log softmax(z + tau log pi)_t, the mean over the labelled tokens; tags are read from z as ever.
 *
 *   z (N, C) logits, t the gold class, pi (C) the class priors (n_c + 1) / (n + C) of the training counts n_c.
 * tau = 1 is balanced softmax (Ren et al. 2020), tau = 0 cross-entropy. Its best z is that of cross-entropy less tau log pi.
 * Gradient at p -> 0: a gold token's logit is pulled as by cross-entropy, by 1 - q with q = softmax(z + tau log pi), while the other
 * tokens push it by q, about pi^tau times what cross-entropy pushes.
 *
 * Source: Menon et al., "Long-tail learning via logit adjustment", ICLR 2021, arXiv 2007.07314 (equation 10, tau 1); Ren et al.
 * 2020, arXiv 2007.10740. Departures: add-one priors; the default tau is 0.25, as larger ones predict too many entities where O has
 * nearly all tokens.
 */
export const la = defineLoss({
  name: 'la',
  title: 'logit adjustment',
  formula: '-log softmax(z + tau log pi)_t, pi the class priors',
  source: 'Menon et al. 2021, ICLR, arXiv 2007.07314; tau 1: Ren et al. 2020, arXiv 2007.10740',
  params: {
    tau: {
      type: 'number',
      range: [0, 2],
      default: 0.25,
      meaning: 'how much of the log prior is added: 0 is cross-entropy, 1 balanced softmax',
      tune: [0.1, 0.25, 0.5],
    },
  },
  create(tf, { tau }, { counts }) {
    const plain = crossEntropy(tf, undefined);
    const shift = logPriors(counts).map((prior) => tau * prior);
    return (logits, target) => tf.tidy(() => plain(tf.add(logits, tf.tensor1d(shift)), target)); // (N, C) + (C)
  },
});
