import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config';
import { run } from '../../src/run';

/**
 * The numbers of a tiny run on the plain JavaScript engine, written down: no change that is not meant to change numbers may move
 * one of them in its last bit. From text to loss: reading, features, initial weights, batches, dropout, both layers, gradient, update.
 * They were printed by the program before its features and heads became tables.
 */
const CORPUS = `EU\tB-ORG
rejects\tO
German\tB-MISC
call\tO
to\tO
boycott\tO
.\tO

Peter\tB-PER
Blackburn\tI-PER

BRUSSELS\tB-LOC
1996-08-22\tO

The\tO
European\tB-ORG
Commission\tI-ORG
said\tO
#now\tO
`;

async function train(loss: Record<string, unknown>): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dsc-golden-'));
  const file = join(folder, 'corpus.conll');
  writeFileSync(file, CORPUS);
  const values = {
    data: { train: file, dev: file },
    model: { wordDim: 6, shapeDim: 3, affixDim: 0, hidden: 5, layers: 2 },
    loss,
    train: { epochs: 5, batchTokens: 9, patience: 9 },
    engine: { name: 'js' },
    out: join(folder, 'run'),
  };
  const losses: number[] = [];
  await run(parseConfig([{ source: 'test', values }]), {
    signal: new AbortController().signal,
    overwrite: false,
    begin: () => undefined,
    listen: (event) => {
      if (event.kind === 'step') losses.push(event.loss, event.gradNorm);
    },
  });
  return losses;
}

describe('loss and gradient norm of ten steps, to the bit', () => {
  it.each([
    [
      { name: 'ce' },
      [
        1.7129067182540894, 0.240862175822258, 1.1731623411178589, 0.4803604185581207, 1.7055518627166748,
        0.2519643008708954, 1.1571372747421265, 0.5943246483802795, 1.222158432006836, 0.4216526746749878,
        1.6741682291030884, 0.2529981732368469, 1.6789898872375488, 0.2429874688386917, 1.0978667736053467,
        0.4943677484989166, 1.6899092197418213, 0.22791728377342224, 1.1856800317764282, 0.46943357586860657,
      ],
    ],
    [
      { name: 'dsc' },
      [
        0.3657841980457306, 0.038483697921037674, 0.17671902477741241, 0.06369200348854065, 0.3658013343811035,
        0.04140117019414902, 0.17628251016139984, 0.08200903236865997, 0.18028876185417175, 0.06458069384098053,
        0.3615292012691498, 0.044417690485715866, 0.36097201704978943, 0.03875824064016342, 0.16697999835014343,
        0.07125410437583923, 0.36297115683555603, 0.03597239777445793, 0.17697308957576752, 0.06569413840770721,
      ],
    ],
    [
      { name: 'tl', form: 'one-vs-rest' },
      [
        0.9479773640632629, 0.016775941476225853, 0.9250243902206421, 0.026924386620521545, 0.9477609992027283,
        0.015472397208213806, 0.9262841939926147, 0.03619104251265526, 0.9270730018615723, 0.030265340581536293,
        0.9469144344329834, 0.016440514475107193, 0.9455300569534302, 0.01419336348772049, 0.9219198822975159,
        0.030190326273441315, 0.9465111494064331, 0.012404583394527435, 0.9254898428916931, 0.031588319689035416,
      ],
    ],
  ])('%j', async (loss, expected) => {
    expect((await train(loss)).slice(0, 20)).toEqual(expected);
  });
});
