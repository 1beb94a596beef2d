import * as tf from '@tensorflow/tfjs-core';
import { ENGINES, openEngine, type OpenEngine } from '../../src/engine';
import { UserError } from '../../src/errors';

const MUST_OPEN = ['js', ...(process.env.DSC_TRAIN_MUST_OPEN ?? '').split(',')];
export const refusals = JSON.parse(process.env.DSC_TRAIN_REFUSALS ?? '{}') as Record<string, string>;

/** Engines whose matrix products are ours: a row of the result does not depend on the rows beside it, to the bit. */
export const OUR_PRODUCTS: readonly string[] = ['native', 'js'];

type Test = (title: string, body: () => void | Promise<void>) => void;

/**
 * Runs a block of tests on every engine of the table, or on those named. Where an engine does not open on this machine, they are skipped, which the
 * summary says with the reason, and one test checks that the refusal is fit for users. The plain JavaScript engine must open
 * everywhere; DSC_TRAIN_MUST_OPEN=native,js in the environment names more that must.
 */
export function eachEngine(
  title: string,
  block: (test: Test, name: string) => void,
  names = Object.keys(ENGINES),
): void {
  for (const name of names) {
    if (name in refusals && !MUST_OPEN.includes(name)) {
      describe.skip(`${title} (${name} skipped: ${refusals[name]})`, () => {
        block((what, body) => it(what, async () => body()), name);
      });
      continue;
    }
    describe(`${title} (${name})`, () => {
      let engine: OpenEngine;
      beforeAll(async () => {
        engine = await openEngine(name, { threads: 2 });
      });
      afterAll(() => engine.dispose());

      const test: Test = (what, body) =>
        it(what, async () => {
          tf.engine().startScope();
          try {
            await body();
          } finally {
            tf.engine().endScope();
          }
        });
      block(test, name);
    });
  }
}

/** The engines that do not open here refuse as users should see it: with what failed, and with what mends it. */
export function testRefusals(): void {
  for (const name of Object.keys(refusals)) {
    it(`${name} says why it does not open, and what to do`, async () => {
      const error: unknown = await openEngine(name).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).message).toContain(`engine ${name} does not open here: `);
      expect((error as UserError).note).toMatch(/install|run|set|try/);
    });
  }
}
