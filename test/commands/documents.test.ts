import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { buildProgram } from '../../src/cli';
import { remade } from '../../src/commands/documents';
import { manualPage } from '../../src/commands/manual';
import { configKeys } from '../../src/config';
import { RECIPES } from '../../src/config/recipes';
import { ENGINES } from '../../src/engine';
import { EXIT_CODES } from '../../src/errors';
import { LOSSES, type LossSpec } from '../../src/losses';
import { WARNINGS } from '../../src/warnings';

const ROOT = join(__dirname, '../..');
const program = buildProgram({ proc: process, exitCode: 0 });

const documents = ['src', 'test', 'data', '.github']
  .filter((folder) => existsSync(join(ROOT, folder)))
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  ) // prettier-ignore
  .concat(readdirSync(ROOT))
  .filter((file) => file.endsWith('.md') && !file.includes('node_modules'));

const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** The first cells of a table that stands between markers in a document. */
const firstCells = (file: string, name: string): string[] => {
  const [, made = ''] = textOf(file).split(`<!-- made: ${name} -->`);
  const [table = ''] = made.split('<!-- end -->');
  return [...table.matchAll(/^(?:\|) `?([^`|]+?)`? +\|/gm)].map(([, cell = '']) => cell).slice(2);
};

describe('the documents', () => {
  it.each(documents)('%s holds what the program would write: npm run docs', (file) => {
    const text = textOf(file);
    expect(remade(text, program)).toBe(text);
    expect(text.match(/^<!-- made: /gm)?.length ?? 0).toBe(text.match(/^<!-- end -->$/gm)?.length ?? 0);
  });

  it.each(documents)('%s leads to what is there', (file) => {
    const links = [...textOf(file).matchAll(/\]\((?!https?:|#|mailto:)([^)\s]+)\)|(?:src|srcset|href)="(?!https?:|#)([^"]+)"/g)]; // prettier-ignore
    for (const [, markdown = '', html = ''] of links) {
      const [path = '', part] = `${markdown}${html}`.split('#') as (string | undefined)[];
      const to = resolve(ROOT, dirname(file), path);
      expect({ file, to: relative(ROOT, to), there: existsSync(to) }).toMatchObject({ there: true });
      if (part === undefined) continue;
      const heads = [...readFileSync(to, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, head = '']) => anchor(head));
      expect(heads).toContain(part);
    }
  });

  it('hold every row of the tables of the program', () => {
    expect(firstCells('src/losses/README.md', 'losses')).toEqual(Object.keys(LOSSES));
    const params = Object.values<LossSpec>(LOSSES).flatMap((loss) => Object.keys(loss.params));
    expect([...new Set(firstCells('src/losses/README.md', 'loss-parameters'))]).toEqual([...new Set(params)]);
    expect(firstCells('src/config/README.md', 'keys')).toEqual(configKeys().map(({ key }) => key));
    expect(firstCells('src/config/README.md', 'recipes')).toEqual(Object.keys(RECIPES).map((name) => `--config bundled:${name}`)); // prettier-ignore
    expect(firstCells('src/commands/README.md', 'exit-codes')).toEqual(Object.keys(EXIT_CODES));
    expect(firstCells('src/engine/README.md', 'engines')).toEqual(Object.keys(ENGINES));
    const codes = [...textOf('src/commands/README.md').matchAll(/^- `([\w-]+)`: .+$/gm)].map(([, name]) => name);
    expect(codes).toEqual(Object.keys(WARNINGS));
  });

  it('name only commands and flags that there are', () => {
    const commands = program.commands.map((command) => command.name());
    const flags = new Set(
      program.commands.flatMap(({ options }) => options.flatMap(({ long, short }) => [long, short])),
    );
    for (const file of documents.filter((name) => name !== 'CHANGELOG.md')) {
      for (const [line, word = ''] of textOf(file).matchAll(/^(?:\$ |npx |    )?dsc-train +([a-z][\w-]*).*$/gm)) {
        expect({ file, line, known: commands.includes(word) }).toMatchObject({ known: true });
        const used = [...line.replace(/#.*/, '').matchAll(/(?<=\s)--[a-z][\w-]*/g)].map(([flag]) => flag);
        expect({ file, line, strange: used.filter((flag) => !flags.has(flag) && !['--help', '--version'].includes(flag)) }).toMatchObject({ strange: [] }); // prettier-ignore
      }
    }
  });

  it('begin with a README that is read in a minute', () => {
    expect(textOf('README.md').split('\n').length).toBeLessThan(140);
  });

  it('refuse a part that cannot be made', () => {
    expect(() => remade('<!-- made: colours -->\n<!-- end -->', program)).toThrow("no part 'colours'");
  });
});

/** As GitHub makes it of a heading. */
const anchor = (head: string): string =>
  head
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replace(/ /g, '-');

describe('the manual page', () => {
  const page = manualPage(program);
  /** What a reader sees of it: roff's escapes undone. */
  const seen = page.replace(/\\-/g, '-').replace(/\\f[BR]/g, '').replace(/\\e/g, '\\'); // prettier-ignore

  it('has every command, argument, flag and exit code of the help, with its text', () => {
    const help = program.createHelp();
    for (const command of help.visibleCommands(program).filter((one) => one.name() !== 'help')) {
      const [, section = ''] = seen.split(`\n.SS ${help.commandUsage(command)}\n`);
      expect(section.split('\n.S')[0]).toContain(help.commandDescription(command).replace(/^'/, "\\&'"));
      for (const option of help.visibleOptions(command)) expect(section).toContain(`.TP\n${help.optionTerm(option)}\n`);
    }
    for (const [code, what] of Object.entries(EXIT_CODES))
      expect(seen).toContain(`.TP\n${code}\n${what.replace(/`/g, '')}`);
  });

  it('is where npm links it from: its list is one, and holds a name that ends in the section', () => {
    const { man } = JSON.parse(textOf('package.json')) as { man: string[] };
    expect(man).toEqual(['dist/dsc-train.1']);
    expect(page).not.toMatch(/default: (\[\]|\{\})/);
  });

  it('has no line that roff would take for a request of its own, and ASCII alone', () => {
    const requests = [...page.matchAll(/^[.'](\S*)/gm)].map(([, name]) => name);
    expect([...new Set(requests)].sort()).toEqual(['PP', 'RE', 'RS', 'SH', 'SS', 'TH', 'TP', 'fi', 'nf']);
    expect(page).toMatch(/^[ -~\n]+$/);
  });
});
