import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

const SRC = resolve(__dirname, '../src');

/** A file imports only files of a strictly lower rank, or of its own room. The first pattern that fits a path counts. */
const RANKS: [RegExp, number][] = [
  [/^cli\.ts$/, 14],
  [/^commands\//, 13],
  [/^(browser|export)\//, 12],
  [/^(report|library)\//, 11],
  [/^compare\//, 10],
  [/^(analyse|convert|evaluate|tag|split|inspect)\//, 9],
  [/^(run|gates|setup|doctor)\//, 8],
  [/^(config|explain)\//, 7],
  [/^train\//, 6],
  [/^model\//, 5],
  [/^(engine|features|heads|spans)\//, 4],
  [/^(losses|data|metrics|vectors)\//, 3],
  [/^(checkpoint|kernels|schemes)\//, 2],
  [/^(files\/|warnings\.ts$)/, 1],
  [/^(machine\/|(errors|order|package|rng|wording)\.ts$)/, 0],
];

/** Floors inside a room, the lowest first: its files import only those below their own. */
const FLOORS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  compare: [
    ['claim', 'corpora', 'defaults', 'job', 'plan', 'pool', 'predictions', 'resample', 'timeLeft'],
    ['believed', 'candidates', 'child', 'jobs', 'planFile', 'cores', 'statistics'],
    ['launch', 'power', 'verdict', 'worker'],
    ['pilot', 'sequential', 'soFar'],
    ['progress', 'rehearsal', 'slurm', 'tune'],
    ['comparison', 'scored'],
    ['answer', 'average', 'buckets', 'decodings', 'ensemble', 'gradientTable', 'warnings'],
    ['lossResult'],
    ['collect', 'joint'],
    ['seedPlan', 'thinned'],
    ['index'],
  ],
};

/** Which files may name a package, or a part of Node that reaches out of the program. */
const RESOURCES: [RegExp, RegExp][] = [
  [/^@tensorflow\/tfjs-core/, /^(losses|heads|model|kernels|train|engine)\//],
  [/^@tensorflow\/tfjs-(?!core)/, /^engine\//],
  [/^(node:)?fs(\/promises)?$/, /^files\//],
  [/^(node:)?os$/, /^machine\/index\.ts$/],
  [/^(node:)?process$/, /^(machine|files|engine\/tensorflow)\//],
  [/^(node:)?(child_process|cluster|worker_threads)$/, /^machine\/program\.ts$/],
  [/^(node:)?(dgram|dns|http|http2|https|inspector|net|repl|tls|vm)(\/|$)/, /^$/],
  [/^commander$/, /^(cli\.ts|commands\/)/],
  [/^cli-progress$/, /^report\/(compareP|p)rogress\.ts$/],
  [/^csv-parse/, /^data\/conll\.ts$/],
  [/^onnx-proto$/, /^export\/graph\.ts$/],
  [/^protobufjs/, /^train\/tensorboard\.ts$/],
  [/^tinyglobby$/, /^files\//],
  [/^zod$/, /^((config|gates)\/|run\/(saved|training)\.ts$)/],
];

interface Import {
  target: string;
  typeOnly: boolean;
  dynamic: boolean;
}

const files = listFiles(SRC);
const sources = new Map(files.map((file) => [file, parse(file)]));
const imports = new Map(files.map((file) => [file, importsOf(file)]));

describe('architecture', () => {
  it('has whole ranks', () => {
    expect(RANKS.map(([, rank]) => rank)).toEqual(RANKS.map((_row, i) => RANKS.length - 1 - i));
  });

  it.each(files)('%s imports only lower ranks, or its own room', (file) => {
    const rank = rankOf(file);
    const upward = local(file).filter(({ target }) => !sameRoom(file, target) && rankOf(target) >= rank);
    expect(upward).toEqual([]);
  });

  it.each(Object.keys(FLOORS))('inside %s/ every file imports only lower floors', (room) => {
    const own = files.filter((file) => roomOf(file) === room);
    const floorOf = new Map((FLOORS[room] ?? []).flatMap((floor, i) => floor.map((name) => [`${room}/${name}.ts`, i])));
    expect([...floorOf.keys()].sort()).toEqual(own);
    const upward = own.flatMap((file) =>
      local(file)
        .filter(({ target }) => sameRoom(file, target) && Number(floorOf.get(target)) >= Number(floorOf.get(file)))
        .map(({ target }) => `${file} -> ${target}`),
    );
    expect(upward).toEqual([]);
  });

  it.each(files)('%s names only the packages that it may', (file) => {
    const named = (imports.get(file) ?? []).filter(({ target }) => !target.endsWith('.ts')).map(({ target }) => target);
    const refused = named.filter((name) =>
      RESOURCES.some(([resource, allowed]) => resource.test(name) && !allowed.test(file)),
    );
    expect(refused).toEqual([]);
  });

  it.each(files)('%s touches process and console only in cli and commands, and Math.random never', (file) => {
    const used = globalsOf(file).filter((name) => name === 'Math.random' || !/^(cli\.ts|commands\/)/.test(file));
    expect(used).toEqual([]);
  });

  it('has a library that knows nothing of the command line', () => {
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const { target, typeOnly } of local(file)) if (!typeOnly) visit(target);
    };
    visit('library/index.ts');
    expect(reached.has('run/index.ts')).toBe(true);
    expect([...reached].filter((file) => /^(cli|commands|report)\b/.test(file))).toEqual([]);
  });

  it('has no import cycle', () => {
    expect(findCycle()).toBeUndefined();
  });

  it('loads only commander to print the help', () => {
    const loaded = [...staticClosure('cli.ts')]
      .filter((name) => !name.endsWith('.ts') && !name.startsWith('node:'))
      .sort();
    expect(loaded).toEqual(['commander', 'fastest-levenshtein']);
  });

  it('exits the process nowhere', () => {
    expect(files.filter((file) => (sources.get(file)?.text ?? '').includes('process.exit('))).toEqual([]);
  });
});

describe('the browser build', () => {
  const loaded = [...staticClosure('browser/index.ts')];
  const own = loaded.filter((name) => name.endsWith('.ts'));

  it('names no module of Node, and few packages', () => {
    const packages = loaded.filter((name) => !name.endsWith('.ts')).sort();
    // the bundler puts tensors.ts in place of tfjs
    expect(packages).toEqual(['@noble/hashes/sha2', '@tensorflow/tfjs-core', 'fastest-levenshtein', 'zod']);
    expect(own.length).toBeGreaterThan(40);
  });

  it('uses no global of Node', () => {
    const globals = /^(Buffer|process|require|global|setImmediate|__dirname|__filename)$/;
    expect(own.flatMap((file) => globalsOf(file, globals).map((name) => `${file}: ${name}`))).toEqual([]);
  });

  it('loads later only what is named by what stands in for files', () => {
    const later = own.flatMap((file) => (imports.get(file) ?? []).filter(({ dynamic }) => dynamic));
    expect([...new Set(later.map(({ target }) => target))].sort()).toEqual([
      'features/lexiconFile.ts',
      'features/ownFile.ts',
      'vectors/index.ts',
    ]);
    const named = [...(sources.get('browser/absent.ts')?.text ?? '').matchAll(/^export function (\w+)/gm)];
    expect(named.map(([, name]) => name).sort()).toEqual(['openFeature', 'openVectors', 'readLexicon']);
  });
});

describe('the map', () => {
  const text = readFileSync(join(SRC, 'README.md'), 'utf8');
  const named = [...text.matchAll(/`([^`\s]+)`/g)].map(([, name = '']) => name);
  const rooms = [...text.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name = '']) => name.replace(/\/$/, ''));

  it('has a line for every room and no other', () => {
    const there = readdirSync(SRC).filter((name) => name !== 'README.md');
    expect([...rooms].sort()).toEqual(there.sort());
  });

  it('goes from the ground up', () => {
    const ranks = rooms.flatMap((room) => {
      const file = files.find((one) => roomOf(one) === room);
      return file === undefined ? [] : [rankOf(file)];
    });
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
  });

  it('names only what is there', () => {
    const paths = named.filter((name) => /\/|\.ts$/.test(name));
    expect(paths.length).toBeGreaterThan(40);
    expect(paths.filter((path) => !existsSync(join(SRC, path)) && !existsSync(join(SRC, '..', path)))).toEqual([]);
    for (const [, table = '', file = ''] of text.matchAll(/`([A-Z]+)` in `([^`]+)`/g))
      expect(readFileSync(join(SRC, file), 'utf8')).toContain(`export const ${table}`);
  });
});

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort();
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(SRC, file), 'utf8'), ts.ScriptTarget.ES2022, true);
}

function rankOf(file: string): number {
  const found = RANKS.find(([pattern]) => pattern.test(file));
  if (!found) throw new Error(`src/${file} has no rank: add it to the table of test/architecture.test.ts`);
  return found[1];
}

/** `engine/tensorflow/lstm.ts` and `engine/addon.ts` are of one room; a file beside the folders is a room of its own. */
const roomOf = (file: string): string => file.replace(/\/.*/, '');

const sameRoom = (file: string, target: string): boolean => roomOf(file) === roomOf(target);

function local(file: string): Import[] {
  return (imports.get(file) ?? []).filter(({ target }) => target.endsWith('.ts'));
}

function importsOf(file: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean, dynamic: boolean): void => {
    if (specifier && ts.isStringLiteral(specifier))
      found.push({ target: resolveImport(file, specifier.text), typeOnly, dynamic });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node), false);
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly, false);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true, false);
    if (ts.isCallExpression(node)) {
      const name = node.expression.getText();
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword || name === 'require')
        add(node.arguments[0], false, true);
    }
    ts.forEachChild(node, visit);
  };
  const source = sources.get(file);
  if (source) visit(source);
  return found;
}

function isTypeOnly(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause;
  if (!clause) return false;
  const named = clause.namedBindings;
  const allTypes =
    named !== undefined && ts.isNamedImports(named) && named.elements.every((element) => element.isTypeOnly);
  return clause.phaseModifier === ts.SyntaxKind.TypeKeyword || (!clause.name && allTypes);
}

function resolveImport(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  const base = relative(SRC, resolve(SRC, dirname(from), specifier.replace(/\.js$/, '')));
  return files.includes(`${base}.ts`) ? `${base}.ts` : base === '' ? 'index.ts' : `${base}/index.ts`;
}

function globalsOf(file: string, names = /^(process|console)$/): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') found.push('Math.random');
    if (ts.isIdentifier(node) && names.test(node.text) && isRead(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  const source = sources.get(file);
  if (source) visit(source);
  return found;
}

/** The global of that name, not a member or import that is called the same. */
function isRead({ parent, ...node }: ts.Identifier): boolean {
  if (ts.isPropertyAccessExpression(parent)) return parent.name.text !== node.text;
  return !ts.isImportSpecifier(parent) && !ts.isPropertyAssignment(parent) && !ts.isPropertySignature(parent);
}

function findCycle(): string | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' -> ');
    if (done.has(file)) return undefined;
    for (const { target } of local(file)) {
      const cycle = visit(target, [...path, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  return files.map((file) => visit(file, [])).find((cycle) => cycle !== undefined);
}

/** Everything loaded when a file is loaded: value imports, not those of types and not dynamic ones. */
function staticClosure(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { target, typeOnly, dynamic } of imports.get(file) ?? []) {
    if (!typeOnly && !dynamic) staticClosure(target, seen);
  }
  return seen;
}
