import { cardMarkdown } from '../report/card';
import type { Made } from './format';
import type { Source } from './source';

/** A page about the tagger for people, and for the hub that it may be published on. @throws UserError where the run has no scores */
export async function card({ name, sha256, result }: Source): Promise<Made> {
  return {
    contents: [cardMarkdown({ name, sha256, result: await result() })],
    notes: ['language and licence are left to you: add them to the header'],
  };
}
