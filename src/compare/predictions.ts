import { UserError } from '../errors';
import { readText } from '../files';

/** Gold and predicted tags of a run's predictions, sentence by sentence. */
export interface TaggedPairs {
  readonly gold: string[][];
  readonly predicted: string[][];
}

/** Reads back what a run wrote as `<split>.pred.conll`: token, gold tag, predicted tag. @throws UserError where it is damaged */
export async function readPredictions(path: string): Promise<TaggedPairs> {
  const gold: string[][] = [];
  const predicted: string[][] = [];
  let open = false;
  const text = await readText(path);
  const separator = text.includes('\t') ? '\t' : ' '; // one in the whole file
  text.split('\n').forEach((line, i) => {
    if (line === '') {
      open = false;
      return;
    }
    const columns = line.split(separator);
    if (columns.length < 3) {
      throw new UserError(
        `${path}:${i + 1}: expected token, gold and predicted tag`,
        'remove this run folder and compare again',
      );
    }
    if (!open) {
      gold.push([]);
      predicted.push([]);
      open = true;
    }
    gold[gold.length - 1].push(columns[columns.length - 2]);
    predicted[predicted.length - 1].push(columns[columns.length - 1]);
  });
  return { gold, predicted };
}
