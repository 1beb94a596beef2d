// Runs a model on batches in a process of its own: Jest's typed arrays are of another realm than those that onnxruntime-node knows.
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const { model, batches } = JSON.parse(readFileSync(0, 'utf8'));
const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const results = [];
for (const feeds of batches) {
  const tensors = Object.entries(feeds).map(([name, { dims, data }]) => [
    name,
    new Tensor('int64', BigInt64Array.from(data, BigInt), dims),
  ]);
  const { tags, probabilities } = await session.run(Object.fromEntries(tensors));
  results.push({ tags: Array.from(tags.data, Number), probabilities: Array.from(probabilities.data) });
}
process.stdout.write(JSON.stringify(results));
