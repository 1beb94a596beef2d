import { crossEntropy } from './ce';
import { defineLoss, type LossFn } from './loss';

/**
 * Negative log-likelihood of whole sentences: -log Pr(y), summed over sentences, divided by the number of labelled tokens.
 *
 *   y the gold tags of a sentence, Pr(y) = exp(s(y)) / Z of the head's CRF (see kernels/crf.ts); a tag that is unknown is summed
 *   over. Gradient in the emission of label j at token t: (Pr(y_t = j) - [j is gold]) / N.
 * Where tokens are independent, as they are without a head that says otherwise, Pr(y) is the product of their probabilities and
 * this is cross-entropy.
 *
 * Source: Lafferty, McCallum and Pereira, "Conditional Random Fields", ICML 2001; over a BiLSTM: Huang, Xu and Yu 2015,
 * arXiv 1508.01991. Departure: the mean is over tokens, not sentences, so that learning rate and clipping are those of `ce`.
 */
export const nll = defineLoss({
  name: 'nll',
  title: 'negative log-likelihood of whole sentences (CRF)',
  formula: '-log Pr(y_1 ... y_n) / n',
  source: 'Lafferty et al. 2001; over a BiLSTM Huang et al. 2015, arXiv 1508.01991',
  params: {},
  ofSentences: true,
  create(tf) {
    const ce = crossEntropy(tf, undefined);
    const loss: LossFn = (logits, target) => (target.nll ? target.nll() : ce(logits, target));
    return Object.assign(loss, { readsNllAlone: true } as const);
  },
});
