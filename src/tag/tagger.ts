import { encode } from '../data/encode';
import { type TagReader, tagReaderOf } from '../data/tagging';
import { present, UserError } from '../errors';
import type { Met } from '../features';
import { checkpointOf } from '../run/folder';
import { decodingOfRun, type ToldDecoding } from '../run/decoding';
import { createOwner } from '../run/disposal';
import { lendRows, type SavedTagger, taggingOf } from '../run/saved';
import { type OpenedTagger, openTagger } from '../run/tagger';
import { type Entity, predictAnswers } from '../train/predict';
import type { Warning } from '../warnings';

/** A token with its tag, written as the training file writes tags. */
export interface TaggedToken {
  readonly token: string;
  readonly tag: string;
  /** Of the tag under the model, from 0 to 1: of a softmax by itself, of a CRF its marginal in the sentence. */
  readonly probability: number;
}

export interface TaggedSentence {
  readonly tokens: readonly TaggedToken[];
  /** In order, never overlapping, ends exclusive; none where the tags are plain, such as parts of speech. */
  readonly entities: readonly Entity[];
}

export interface LoadOptions {
  /** A name of ENGINES; `auto`, the default, is the fastest that opens here. */
  readonly engine?: string;
  /** CPU threads at the most; all cores by default. */
  readonly threads?: number;
  /** How tags are chosen, where it is not to be as the run has it. */
  readonly decoding?: ToldDecoding;
}

/** A trained tagger, ready to tag. Several may be loaded at once, on one engine or on different ones. */
export interface LoadedTagger {
  /** The engine that it computes on, and the device in words. */
  readonly engine: { readonly name: string; readonly device: string };
  /** Every tag that it may give, written as the training file writes them; of chunks in IOB2. */
  readonly labels: readonly string[];
  /** What a person should know of it before it tags. */
  readonly warnings: readonly Warning[];
  /**
   * Tags sentences, each a list of its tokens, as the training file has them: in a treebank a full stop is a token of its own.
   * An empty sentence comes back empty. Calls at the same time take turns.
   * @returns one for each sentence, in their order
   * @throws UserError where it is not given lists of tokens, or a token is empty
   */
  tag(sentences: readonly (readonly string[])[]): Promise<TaggedSentence[]>;
  /** Frees its memory, and the engine where nobody else has it. It tags no more. */
  dispose(): void;
}

/** Sentences tagged between two turns of the event loop. */
const CHUNK = 512;

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
    const reader = tagReaderOf(taggingOf(saved.meta));
    return handleOf({ ...saved, decoding }, met, reader, owner.dispose);
  } catch (error) {
    owner.dispose();
    throw error;
  }
}

function handleOf(saved: OpenedTagger, met: Met, reader: TagReader, close: () => void): LoadedTagger {
  let turn: Promise<unknown> = Promise.resolve(); // of the calls: what is lent to the tagger is of one text
  let isOpen = true;
  const { name, device } = saved.engine;

  async function tagAll(sentences: readonly (readonly string[])[]): Promise<TaggedSentence[]> {
    const full = sentences.filter((tokens) => tokens.length > 0);
    const tagged: TaggedSentence[] = [];
    for (let at = 0; at < full.length; at += CHUNK) {
      if (at > 0) await new Promise((resume) => setTimeout(resume));
      if (!isOpen) throw new Error('the tagger was disposed of');
      tagged.push(...(await tagSentences(saved, met, reader, full.slice(at, at + CHUNK))));
    }
    let next = 0;
    return sentences.map(({ length }) => (length > 0 ? present(tagged[next++], 'sentence') : NOTHING));
  }

  return {
    engine: { name, device },
    labels: saved.vocab.labels.map(reader.labelText),
    warnings: met.warnings,
    tag(sentences) {
      const tagged = turn.then(() => {
        if (!isOpen) throw new Error('the tagger was disposed of');
        checkSentences(sentences);
        return tagAll(sentences);
      });
      turn = tagged.catch(() => undefined);
      return tagged;
    },
    dispose() {
      if (!isOpen) return;
      isOpen = false;
      close();
    },
  };
}

const NOTHING: TaggedSentence = { tokens: [], entities: [] };

/** Sentences of at least one token each. */
async function tagSentences(
  { tagger, vocab, features, decoding }: SavedTagger,
  met: Met,
  { inner, fromInner }: TagReader,
  texts: readonly (readonly string[])[],
): Promise<TaggedSentence[]> {
  const sentences = texts.map((tokens) => ({ tokens, tags: [], line: 0 }));
  await lendRows(tagger, met, sentences);
  const encoded = encode({ sentences }, vocab, features.columns);
  const { labels } = vocab;
  const { ids, tags, entities, probabilities } = predictAnswers(tagger, encoded, labels, decoding, inner !== 'plain');
  let n = 0;
  return texts.map((sentence, s) => {
    const written = fromInner(present(tags[s], 'sentence'));
    const tokens = sentence.map((token, i): TaggedToken => {
      const probability = present(probabilities[n * labels.length + present(ids[n], 'label')], 'probability');
      n++;
      return { token, tag: present(written[i], 'tag'), probability: Math.min(1, probability) };
    });
    return { tokens, entities: entities?.[s] ?? [] };
  });
}

/** @throws UserError naming the first that is no list of tokens */
function checkSentences(sentences: unknown): void {
  const note = "sentences are lists of tokens: tag([['Anna', 'lives', 'in', 'Berlin', '.']])";
  const kind = (value: unknown): string => (typeof value === 'string' ? 'a text' : typeof value);
  if (!Array.isArray(sentences))
    throw new UserError(`tag: found ${kind(sentences)}, expected a list of sentences`, note);
  for (const [s, sentence] of sentences.entries()) {
    if (!Array.isArray(sentence)) {
      throw new UserError(`tag: sentence ${s + 1} is ${kind(sentence)}, expected a list of tokens`, note);
    }
    for (const [i, token] of sentence.entries()) {
      if (typeof token === 'string' && token !== '') continue;
      const found = token === '' ? 'empty' : kind(token);
      throw new UserError(`tag: token ${i + 1} of sentence ${s + 1} is ${found}, expected a text`, note);
    }
  }
}
