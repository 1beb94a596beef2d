import { UserError } from '../errors';
import { readText } from '../files';

/** Tokens, gold and predicted tags of a run's predictions, sentence by sentence. */
export interface TaggedPairs {
  readonly tokens: string[][];
  readonly gold: string[][];
  readonly predicted: string[][];
}

/** Reads back what a run wrote as `<split>.pred.conll`: token, gold tag, predicted tag. @throws UserError where it is damaged */
export async function readPredictions(path: string): Promise<TaggedPairs> {
  const tokens: string[][] = [];
  const gold: string[][] = [];
  const predicted: string[][] = [];
  let sentence: { readonly tokens: string[]; readonly gold: string[]; readonly predicted: string[] } | undefined;
  const text = await readText(path);
  const separator = text.includes('\t') ? '\t' : ' '; // one in the whole file
  text.split('\n').forEach((line, i) => {
    if (line === '') {
      sentence = undefined;
      return;
    }
    const columns = line.split(separator);
    const [right, guessed] = columns.slice(-2);
    if (columns.length < 3 || right === undefined || guessed === undefined) {
      throw new UserError(
        `${path}:${i + 1}: expected token, gold and predicted tag`,
        'remove this run folder and compare again',
      );
    }
    if (!sentence) {
      sentence = { tokens: [], gold: [], predicted: [] };
      tokens.push(sentence.tokens);
      gold.push(sentence.gold);
      predicted.push(sentence.predicted);
    }
    sentence.tokens.push(columns.slice(0, -2).join(separator));
    sentence.gold.push(right);
    sentence.predicted.push(guessed);
  });
  return { tokens, gold, predicted };
}
