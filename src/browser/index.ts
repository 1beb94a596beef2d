import { sha256 } from '@noble/hashes/sha2';
import { decode } from '../checkpoint/decode';
import { registerOps } from '../kernels';
import { taggerOf } from '../run/saved';
import { handleOf, type LoadedTagger } from '../tag/handle';

export { UserError } from '../errors';
export type { LoadedTagger, TaggedSentence, TaggedToken } from '../tag/handle';
export type { Entity } from '../train/predict';
export type { Warning } from '../warnings';

registerOps('cpu', {});

/** What the checkpoint is called in messages: it has no name here. */
const SOURCE = 'checkpoint';

/**
 * Loads a trained tagger from the bytes of a checkpoint file, `best.ckpt` of a run, and tags with the kernels in plain JavaScript, as
 * the engine js does on Node. Of words that training never met, those are looked up whose vectors the checkpoint carries.
 * @throws UserError where the bytes are no checkpoint, are cut short or were changed
 * @example
 * ```js
 * import { loadTagger } from 'dsc-train/browser';
 *
 * const response = await fetch('best.ckpt');
 * const tagger = await loadTagger(new Uint8Array(await response.arrayBuffer()));
 * const [sentence] = await tagger.tag([['Anna', 'lives', 'in', 'Berlin', '.']]);
 * ```
 */
export async function loadTagger(bytes: Uint8Array): Promise<LoadedTagger> {
  const decoded = await decode(
    () => sha256.create(),
    [bytes],
    bytes.length,
    SOURCE,
    () => false,
  );
  const { version, sections, meta } = decoded;
  const saved = taggerOf({ version, sections, meta }, SOURCE);
  const met = await saved.features.reopen();
  return handleOf(saved, { name: 'js', device: 'browser, plain JavaScript' }, met, () => {
    met.close();
    saved.tagger.dispose();
  });
}
