/** Something that holds memory or threads until it is told to let go. */
export interface Disposable {
  readonly dispose: () => void;
}

/**
 * Owns what a piece of work opens, so that one `finally` lets go of it on every path: last opened, first closed. One that cannot
 * be closed keeps none of the others open; the first such error is thrown when all are.
 */
export interface Owner extends Disposable {
  readonly own: <T extends { dispose(): void }>(one: T) => T;
}

export function createOwner(): Owner {
  const owned: { dispose(): void }[] = [];
  return {
    own(one) {
      owned.push(one);
      return one;
    },
    dispose() {
      const errors: unknown[] = [];
      for (const one of owned.splice(0).reverse()) {
        try {
          one.dispose();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}
