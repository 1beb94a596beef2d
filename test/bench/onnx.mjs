/*
 * node test/bench/onnx.mjs [model.onnx threads]: ONNX Runtime, the peer of `npm run bench` for tagging.
 *
 * Reads a line of JSON at a time. The first is {"feeds": [{input: {"dims", "data"}}]}, the batches, answered with the tags of each;
 * then each {"runs": n} with {"ms": median milliseconds of a batch}. Without a model it only shows that the runtime loads.
 */
import { createInterface } from 'node:readline';
import ort from 'onnxruntime-node';
import { median } from './rounds.mjs';

const [model, threads] = process.argv.slice(2);
if (model !== undefined) await serve(model, Number(threads));

async function serve(path, intraOpNumThreads) {
  const session = await ort.InferenceSession.create(path, { intraOpNumThreads, interOpNumThreads: 1 });
  let batches;
  let next = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const { feeds, runs } = JSON.parse(line);
    if (feeds) {
      batches = feeds.map(tensorsOf);
      const answers = [];
      for (const batch of batches) answers.push(Array.from((await session.run(batch)).tags.data, Number));
      console.log(JSON.stringify(answers));
      continue;
    }
    const times = [];
    for (let i = -2; i < runs; i++) {
      const start = performance.now();
      await session.run(batches[next++ % batches.length]);
      if (i >= 0) times.push(performance.now() - start); // the first after a pause find their threads asleep
    }
    console.log(JSON.stringify({ ms: median(times) }));
  }
}

function tensorsOf(feeds) {
  const tensors = Object.entries(feeds).map(([name, { dims, data }]) => [
    name,
    new ort.Tensor('int64', BigInt64Array.from(data, BigInt), dims),
  ]);
  return Object.fromEntries(tensors);
}
