import { type Config, settingOf } from '../config';
import type { Inner } from '../data/schemes';
import { tagReaderOf } from '../data/tagging';
import { UserError } from '../errors';
import { type DecodeSettings, type Decoding, decodingOf } from '../heads';
import type { Corpora } from './corpora';
import type { SavedTagger } from './tagger';
import { taggingOf } from './tagger';

/**
 * How a run chooses tags: `auto` keeps to the rules of the scheme where there are any. A bias that is to be fitted is 0 until it is.
 * @throws UserError where the labels have nothing that is asked for
 */
export function decodingFor({ method, outsideBias }: Config['decode'], { vocab, train }: Corpora): Decoding {
  const { inner } = train.corpus;
  const chosen = method === 'auto' ? (inner === 'plain' ? 'argmax' : 'valid') : method;
  const settings = { method: chosen, outsideBias: outsideBias === 'dev' ? 0 : (outsideBias ?? 0) } as const;
  return checked(settings, vocab.labels, inner, {
    method: settingOf('decode.method'),
    outsideBias: outsideBias === null ? null : settingOf('decode.outsideBias'),
  });
}

/** What a command line says of decoding; what it leaves out is as the run has it. */
export type ToldDecoding = Partial<DecodeSettings>;

/** How the tagger of a checkpoint chooses tags, but for what is told. @throws UserError where its labels have nothing of that kind */
export function decodingOfRun({ decoding, vocab, meta }: SavedTagger, told: ToldDecoding): Decoding {
  const { method, outsideBias } = { ...decoding, ...told };
  return checked({ method, outsideBias }, vocab.labels, tagReaderOf(taggingOf(meta)).inner, {
    method: '--decode METHOD',
    outsideBias: told.outsideBias === undefined ? null : '--outside-bias NUMBER',
  });
}

/** @param flags how each is set; null for a bias that is not */
function checked(
  settings: DecodeSettings,
  labels: readonly string[],
  inner: Inner,
  flags: { readonly method: string; readonly outsideBias: string | null },
): Decoding {
  if (inner === 'plain' && settings.method === 'valid') {
    throw new UserError(
      `${flags.method}: valid is for entities: of plain tags (part of speech) each may follow each, so there is nothing to keep to`,
      'leave it out: plain tags are decoded by argmax',
    );
  }
  const decoding = decodingOf(settings, labels, inner);
  if (flags.outsideBias !== null && decoding.outside < 0) {
    throw new UserError(
      `${flags.outsideBias}: ${inner === 'plain' ? 'plain tags (part of speech) have none that stands outside of entities' : 'no token of the training file stands outside of an entity'}: there is no label to add it to`,
      'leave it out',
    );
  }
  return decoding;
}
