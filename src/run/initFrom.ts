import { basename } from 'node:path';
import { readCheckpoint } from '../checkpoint';
import { settingOf } from '../config';
import { tagReaderOf } from '../data/tagging';
import { present, UserError } from '../errors';
import { sha256 } from '../files';
import { inherit, type Named, placesIn } from '../model/inherit';
import type { TaggerSpec, Weight } from '../model/spec';
import { someOf, whole } from '../wording';
import type { Corpora } from './corpora';
import { checkpointOf } from './folder';
import type { InitFrom, Overlap } from './result';
import { describe } from './saved';

/** Weights to begin with, and where they come from. */
export interface Beginning {
  readonly weights: readonly Weight[];
  /** null where they were drawn. */
  readonly initFrom: InitFrom | null;
}

/**
 * The weights that training begins with: as drawn, or with all that an earlier tagger knows put in their place.
 * @param path run folder or checkpoint; null for none
 * @throws UserError where there is no checkpoint, a damaged one, or one of another network
 */
export async function beginFrom(
  path: string | null,
  drawn: readonly Weight[],
  spec: TaggerSpec,
  { vocab, features, train }: Corpora,
): Promise<Beginning> {
  if (path === null) return { weights: drawn, initFrom: null };
  const file = await checkpointOf(path);
  const before = describe(await readCheckpoint(file), file);
  checkNetwork(path, before.meta.spec, spec);
  const { task, tagging } = train.corpus;
  const sameTask = before.meta.task === task;
  const into: Named = { spec, columns: features.columns, labels: vocab.labels };
  const from: Named = {
    spec: before.meta.spec,
    columns: before.features.columns,
    labels: before.vocab.labels.map((label) => (sameTask ? label : null)),
  };
  const weights = inherit(drawn, into, [...vocab.labelCounts], { ...from, weights: before.weights });
  const { labelText } = tagReaderOf(tagging);
  const places = placesIn(from.labels, vocab.labels);
  return {
    weights,
    initFrom: {
      run: basename(path),
      sha256: await sha256(file),
      tables: Object.fromEntries(into.columns.flatMap((column) => tableOverlap(column, from))),
      labels: {
        ...overlap(into.labels, from.labels),
        new: vocab.labels.filter((_, c) => present(places[c], 'place') < 0).map(labelText),
      },
      notTaken: [
        ...misfits(into, from),
        ...(spec.head === before.meta.spec.head ? [] : [`head (${before.meta.spec.head} there, ${spec.head} here)`]),
        ...(sameTask ? [] : [`labels (${TASKS[before.meta.task]} there, ${TASKS[task]} here)`]),
      ],
    },
  };
}

const TASKS = { chunks: 'entities', tags: 'plain tags' } as const;

/** @throws UserError where the LSTMs are of other sizes, naming the keys that make them equal */
function checkNetwork(path: string, there: TaggerSpec, here: TaggerSpec): void {
  const keys = (['hidden', 'layers'] as const).filter((key) => there[key] !== here[key]);
  if (keys.length === 0) return;
  const told = (of: TaggerSpec): string => keys.map((key) => `model.${key} ${of[key]}`).join(' and ');
  const settings = keys.map((key) => settingOf(`model.${key}`).replace('\u2026', String(there[key])));
  throw new UserError(
    `${path}: cannot begin from this run: its tagger has ${told(there)}, this one ${told(here)}`,
    `train with ${settings.join(' ')}, or leave --init-from out`,
  );
}

/** Of a table that both have; tables of other widths share nothing. */
function tableOverlap({ name, width, names }: Named['columns'][number], from: Named): [string, Overlap][] {
  const there = from.columns.find((column) => column.name === name);
  return there ? [[name, overlap(names(), there.width === width ? there.names() : [])]] : [];
}

/** Of things with names: what stands for all the unseen is none. */
function overlap(here: readonly (string | null)[], there: readonly (string | null)[]): Overlap {
  const named = (all: readonly (string | null)[]): readonly string[] => all.filter((name) => name !== null);
  const [wanted, given] = [named(here), named(there)];
  const taken = placesIn(given, wanted).filter((place) => place >= 0).length;
  return { taken, of: wanted.length, left: given.length - taken };
}

/** Tables that one of the two lacks, or has in another width. */
function misfits(into: Named, from: Named): string[] {
  const added = into.columns.flatMap(({ name, width }) => {
    const before = from.columns.find((column) => column.name === name);
    if (!before) return [`${name} (not there)`];
    return before.width === width ? [] : [`${name} (width ${before.width} there, ${width} here)`];
  });
  const gone = from.columns.filter(({ name }) => !into.columns.some((column) => column.name === name));
  return [...added, ...gone.map(({ name }) => `${name} (not here)`)];
}

/** Labels that are named; the result has all. */
const SHOWN = 20;

/** What was taken, for a person. */
export function initFromText({ run, tables, labels, notTaken }: InitFrom): string {
  const text = (name: string, { taken, of, left }: Overlap, more: readonly string[] = []): string => {
    const notes = [...more, ...(left > 0 ? [`${whole(left)} of the run not here`] : [])];
    return `${whole(taken)} of ${whole(of)} ${name}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
  };
  const rows = Object.entries(tables).map(([name, table]) => text(name, table));
  const fresh = labels.new.length > 0 ? [`new: ${someOf(labels.new, SHOWN)}`] : [];
  const parts = [...rows, text('labels', labels, fresh), 'LSTM'];
  return `init from ${run}: ${parts.join(', ')}${notTaken.length > 0 ? `; not taken: ${notTaken.join(', ')}` : ''}`;
}
