/** Something that holds memory or threads until it is told to let go. */
export interface Disposable {
  readonly dispose: () => void;
}

/** Owns what a piece of work opens, so that one `finally` lets go of it on every path: last opened, first closed. */
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
      while (owned.length > 0) owned.pop()?.dispose();
    },
  };
}
