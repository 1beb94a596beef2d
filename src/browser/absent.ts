import { UserError } from '../errors';

/*
 * Takes the place, where a tagger is bundled for a browser, of whatever the program loads only when it reads a file. A tagger that is
 * loaded asks for nothing else than its vectors, and does without where there are none.
 */

export function openVectors(name: string): never {
  throw new UserError(`${name}: there are no files in a browser`, 'vectors that the checkpoint carries need none');
}

export function openFeature([file]: readonly string[], name: string): never {
  throw new UserError(`the tagger sees feature ${name} of ${file ?? ''}: there are no files in a browser`);
}

export function readLexicon(path: string): never {
  throw new UserError(`${path}: there are no files in a browser`, 'a lexicon is in the checkpoint');
}
