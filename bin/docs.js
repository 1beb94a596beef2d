'use strict';

/**
 * Writes what is made from the program's own tables, into a checkout that is compiled: the manual page (dist/dsc-train.1), and with
 * `--all` the schema of configs (configs/schema.json) and the parts of every document that stand between markers too.
 */
const { execFileSync } = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
const { join, resolve } = require('node:path');

const root = resolve(__dirname, '..');
const { buildProgram } = require('../dist/cli.js');
const { manualPage } = require('../dist/commands/manual.js');

const program = buildProgram({ proc: process, exitCode: 0 });
write('dist/dsc-train.1', manualPage(program));

if (process.argv.includes('--all')) {
  const { remade } = require('../dist/commands/documents.js');
  const { configSchemaText } = require('../dist/config/jsonSchema.js');
  write('configs/schema.json', configSchemaText());
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of listed.split('\n').filter((name) => name !== ''))
    write(file, remade(readFileSync(join(root, file), 'utf8'), program));
}

function write(file, text) {
  const path = join(root, file);
  let before;
  try {
    before = readFileSync(path, 'utf8');
  } catch {
    before = undefined;
  }
  if (before === text) return;
  writeFileSync(path, text);
  process.stderr.write(`wrote ${file}\n`);
}
