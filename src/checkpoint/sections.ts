import { present } from '../errors';

/** What a section may hold: IEEE 754 numbers (those of 16 bits as their bits), two's complement, bytes. */
export interface ValuesOf {
  f16: Uint16Array;
  f32: Float32Array;
  f64: Float64Array;
  i8: Int8Array;
  i32: Int32Array;
  u8: Uint8Array;
}

export type Dtype = keyof ValuesOf;

/** A named array. Names are paths, the first part says what the section belongs to: `weights/lstm0.w`. */
export type Section = {
  [D in Dtype]: {
    readonly name: string;
    readonly dtype: D;
    readonly shape: readonly number[];
    readonly values: ValuesOf[D];
  };
}[Dtype];

export type Entry = Pick<Section, 'name' | 'dtype' | 'shape'>;

/** A section too large to be held: its values come piece by piece, from the first to the last. */
export type LongSection = {
  [D in Dtype]: {
    readonly name: string;
    readonly dtype: D;
    readonly shape: readonly number[];
    readonly stream: () => AsyncIterable<ValuesOf[D]>;
  };
}[Dtype];

export interface Checkpoint {
  /** Format version of the file. Sections of version 1 are named as those of version 2 are. */
  readonly version: 1 | 2;
  readonly sections: readonly Section[];
  /** Sections that were left in the file, to be read as they are needed; absent where none was. */
  readonly left?: Archive;
  /** JSON: whoever reads it checks its type. */
  readonly meta: unknown;
}

/** Sections that lie in a file. */
export interface Archive {
  readonly entries: readonly Entry[];
  /** Opens the file again. @throws UserError where it is another by now */
  open(): OpenArchive;
}

export interface OpenArchive {
  /** Values of a section from index `from` on, to before `to`. @throws UserError where the file cannot be read */
  read<D extends Dtype>(name: string, dtype: D, from: number, to: number): ValuesOf[D];
  close(): void;
}

/** Sections of this are left in the file: what comes with a tagger for later, and may be larger than all the rest. */
export const PACKED = 'packed/';

/**
 * The sections of a folder of PACKED, `packed/<of>/`, by what their names have behind it, whether they were left or are held;
 * null where there is none.
 */
export function packedSections({ sections, left }: Pick<Checkpoint, 'sections' | 'left'>, of: string): Archive | null {
  const prefix = `${PACKED}${of}/`;
  const here = <E extends Entry>(all: readonly E[]): E[] => all.filter(({ name }) => name.startsWith(prefix));
  const from = left && here(left.entries).length > 0 ? left : archiveIn(here(sections));
  const entries = here(from.entries).map((entry) => ({ ...entry, name: entry.name.slice(prefix.length) }));
  if (entries.length === 0) return null;
  return {
    entries,
    open() {
      const opened = from.open();
      return {
        read: (name, dtype, begin, end) => opened.read(prefix + name, dtype, begin, end),
        close: () => opened.close(),
      };
    },
  };
}

/** Sections that are held. */
function archiveIn(sections: readonly Section[]): Archive {
  return {
    entries: sections,
    open: () => ({
      read<D extends Dtype>(name: string, _: D, from: number, to: number) {
        const { values } = present(
          sections.find((section) => section.name === name),
          name,
        );
        return values.slice(from, to) as ValuesOf[D];
      },
      close: () => undefined,
    }),
  };
}
