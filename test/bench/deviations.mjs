/*
 * npm run bench:deviations [-- --json]
 *
 * The largest deviation of each loss from the double-precision reference (test/losses/reference.json, made by reference.py beside it), in
 * value and in any element of the gradient, relative to 1 + |reference|, on every engine that opens here. Logits of +-40 stand apart:
 * there p is held at 1e-6, and float32 keeps one digit of what is missing.
 */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const at = (path) => require(join(import.meta.dirname, '../../dist', path));
const tf = require('@tensorflow/tfjs-core');
const { openEngine } = at('engine/index.js');
const { createLoss, LOSSES, parseLossParams } = at('losses/index.js');

const { inputs, cases } = JSON.parse(readFileSync(join(import.meta.dirname, '../losses/reference.json'), 'utf8'));
const EXTREME = 'logits-40';
const rows = [];
for (const engine of ['js', 'native', 'tensorflow']) {
  let open;
  try {
    open = await openEngine(engine, { threads: 1 });
  } catch (error) {
    console.log(`${engine}: does not open here: ${error.message}`);
    continue;
  }
  for (const loss of Object.keys(LOSSES)) {
    const row = { engine, loss, value: 0, gradient: 0, valueAt40: 0, gradientAt40: 0 };
    for (const one of cases.filter((c) => c.loss === loss)) {
      const { value, gradient } = await deviation(one);
      const where = one.input === EXTREME ? 'At40' : '';
      row[`value${where}`] = Math.max(row[`value${where}`], value);
      row[`gradient${where}`] = Math.max(row[`gradient${where}`], gradient);
    }
    rows.push(row);
  }
  open.dispose();
}
if (process.argv.includes('--json')) console.log(JSON.stringify(rows, null, 2));
else {
  console.log('engine      loss              value  gradient   at logits of +-40: value  gradient');
  for (const { engine, loss, value, gradient, valueAt40, gradientAt40 } of rows) {
    const cells = [value, gradient, valueAt40, gradientAt40].map((x) => x.toExponential(1).padStart(9));
    console.log(`${engine.padEnd(11)} ${loss.padEnd(15)} ${cells.join(' ')}`);
  }
}

async function deviation({ loss: name, params, input, value, grad }) {
  const { logits, gold, counts, outside } = inputs[input];
  const labels = counts.map((_, j) => String(j));
  const loss = await createLoss(name, parseLossParams(name, params), { labels, counts, outside });
  return tf.tidy(() => {
    const target = {
      gold: tf.tensor1d(gold, 'int32'),
      sentenceOf: tf.tensor1d(
        gold.map(() => 0),
        'int32',
      ),
      stepSizes: tf.tensor1d([gold.length], 'int32'),
      order: Int32Array.from(gold, (_, n) => n),
    };
    const got = tf.valueAndGrad((z) => loss(z, target))(tf.tensor2d(logits));
    const found = got.grad.arraySync();
    const off = (x, want) => Math.abs(x - want) / (1 + Math.abs(want));
    return {
      value: off(got.value.dataSync()[0], value),
      gradient: Math.max(...found.flatMap((row, i) => row.map((x, j) => off(x, grad[i][j])))),
    };
  });
}
