import * as tf from '@tensorflow/tfjs-core';
import { ENGINES, openEngine, type OpenEngine } from '../../src/engine';
import { UserError } from '../../src/errors';

const MUST_OPEN = ['js', ...(process.env.DSC_TRAIN_MUST_OPEN ?? '').split(',')];

type Test = (title: string, body: () => void | Promise<void>) => void;

/**
 * Runs a block of tests on every engine of the table. Where an engine does not open on this machine, its tests check instead
 * that it refused with a UserError and a note. The plain JavaScript engine must open everywhere; DSC_TRAIN_MUST_OPEN=native,js
 * in the environment names more that must.
 */
export function eachEngine(title: string, block: (test: Test, name: string) => void): void {
  for (const name of Object.keys(ENGINES)) {
    describe(`${title} (${name})`, () => {
      let engine: OpenEngine | undefined;
      let refusal: unknown;
      beforeAll(async () => {
        try {
          engine = await openEngine(name, { threads: 2 });
        } catch (error) {
          refusal = error;
        }
      });
      afterAll(() => engine?.dispose());

      const test: Test = (what, body) =>
        it(what, async () => {
          if (engine) {
            tf.engine().startScope();
            try {
              await body();
            } finally {
              tf.engine().endScope();
            }
          } else {
            expect(refusal).toBeInstanceOf(UserError);
            expect(MUST_OPEN).not.toContain(name);
            expect((refusal as UserError).note).not.toBe('');
          }
        });
      block(test, name);
    });
  }
}
