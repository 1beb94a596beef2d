import { encode } from '../data/encode';
import { type TagReader, tagReaderOf } from '../data/tagging';
import { present, UserError } from '../errors';
import type { Met } from '../features';
import { lendRows, type SavedTagger, taggingOf } from '../run/saved';
import { splitTag } from '../schemes';
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

/** A trained tagger, ready to tag. Several may be loaded at once, on one engine or on different ones. */
export interface LoadedTagger {
  /** The engine that it computes on, and the device in words. */
  readonly engine: { readonly name: string; readonly device: string };
  /** Every tag that it may give, written as the training file writes them; of chunks in IOB2. */
  readonly labels: readonly string[];
  /** Types of the entities that it may name; null where its tags are plain. */
  readonly types: readonly string[] | null;
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
 * A tagger as callers see it, on whatever platform it was opened.
 * @param close frees what was opened for it
 */
export function handleOf(
  saved: SavedTagger,
  engine: LoadedTagger['engine'],
  met: Met,
  close: () => void,
): LoadedTagger {
  const reader = tagReaderOf(taggingOf(saved.meta));
  const { labels } = saved.vocab;
  let turn: Promise<unknown> = Promise.resolve(); // of the calls: what is lent to the tagger is of one text
  let isOpen = true;

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
    engine,
    labels: labels.map(reader.labelText),
    types: reader.inner === 'plain' ? null : typesOf(labels),
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

/** In the order of the labels. */
function typesOf(labels: readonly string[]): string[] {
  const tags = labels.map(splitTag).filter(({ role }) => role !== 'outside');
  return [...new Set(tags.map(({ type }) => type))];
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
