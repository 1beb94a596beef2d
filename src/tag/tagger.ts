import { checkpointOf } from '../run/folder';
import { decodingOfRun, type ToldDecoding } from '../run/decoding';
import { createOwner } from '../run/disposal';
import { openTagger } from '../run/tagger';
import { handleOf, type LoadedTagger } from './handle';

export interface LoadOptions {
  /** A name of ENGINES; `auto`, the default, is the fastest that opens here. */
  readonly engine?: string;
  /** CPU threads at the most; all cores by default. */
  readonly threads?: number;
  /** How tags are chosen, where it is not to be as the run has it. */
  readonly decoding?: ToldDecoding;
}

/**
 * Loads a trained tagger.
 * @param source a run folder, a checkpoint file, or the bytes of one
 * @throws UserError where there is none, it is damaged, or the engine does not open
 * @example
 * ```ts
 * import { loadTagger } from 'dsc-train';
 *
 * const tagger = await loadTagger('runs/example');
 * const [sentence] = await tagger.tag([['Anna', 'lives', 'in', 'Berlin', '.']]);
 * for (const { token, tag, probability } of sentence?.tokens ?? []) console.log(token, tag, probability.toFixed(2));
 * for (const { type, start, end, probability } of sentence?.entities ?? [])
 *   console.log(type, `tokens ${start} to ${end - 1}`, probability.toFixed(2));
 * tagger.dispose();
 * ```
 */
export async function loadTagger(source: string | Uint8Array, options: LoadOptions = {}): Promise<LoadedTagger> {
  const { engine = 'auto', threads, decoding: told = {} } = options;
  const owner = createOwner();
  try {
    const path = typeof source === 'string' ? await checkpointOf(source) : source;
    const saved = await openTagger(path, owner, engine, threads === undefined ? {} : { threads });
    const decoding = decodingOfRun(saved, told);
    const met = await saved.features.reopen();
    owner.own({ dispose: met.close });
    const { name, device } = saved.engine;
    return handleOf({ ...saved, decoding }, { name, device }, met, owner.dispose);
  } catch (error) {
    owner.dispose();
    throw error;
  }
}
