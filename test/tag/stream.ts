import { openTagging, type Output, type TagHost, TAGS_ALONE } from '../../src/tag';

/** One input by a tagger that is opened for it. */
export async function* tagStream(
  run: string,
  input: AsyncIterable<Buffer>,
  name: string,
  host: Omit<TagHost, 'output'> & { readonly output?: Output },
): AsyncGenerator<string> {
  const session = await openTagging(run, { output: TAGS_ALONE, ...host });
  try {
    yield* session.tag(input, name);
  } finally {
    session.dispose();
  }
}
