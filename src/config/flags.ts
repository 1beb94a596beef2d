/** How a file is read: the flags of every command that reads one. */
export const READ_FLAGS = [
  { flag: '--format', value: '<name>', text: 'file format', key: 'data.format', type: 'text' },
  {
    flag: '--token-column',
    value: '<column>',
    text: 'token column, by 1-based number or name',
    key: 'data.tokenColumn',
    type: 'text',
  },
  {
    flag: '--tag-column',
    value: '<column>',
    text: 'tag column, by 1-based number or name, such as 4, UPOS, MISC:name',
    key: 'data.tagColumn',
    type: 'text',
  },
  {
    flag: '--comment',
    value: '<prefix>',
    text: 'lines that start with this are comments',
    key: 'data.comment',
    type: 'text',
  },
  { flag: '--scheme', value: '<name>', text: 'tagging scheme', key: 'data.scheme', type: 'text' },
  {
    flag: '--spelling',
    value: '<name>',
    text: 'how tags are spelled: B-PER, PER-B, b-per, ...',
    key: 'data.spelling',
    type: 'text',
  },
  {
    flag: '--outside',
    value: '<label>',
    text: 'label of tokens that belong to no entity (default: found, mostly O)',
    key: 'data.outside',
    type: 'text',
  },
] as const satisfies readonly Flag[];

/**
 * The flags that stand for a config key, in the order of the help. The commands make their options of this table, and every
 * message about a key says how it is set.
 */
export const FLAGS = [
  { flag: '--loss', short: '-l', value: '<name>', text: 'loss', key: 'loss.name', type: 'text' },
  {
    flag: '--train',
    value: '<file>',
    text: 'training file (default: the bundled sample corpus)',
    key: 'data.train',
    type: 'text',
  },
  { flag: '--dev', value: '<file>', text: 'development file', key: 'data.dev', type: 'text' },
  { flag: '--test', value: '<file>', text: 'test file', key: 'data.test', type: 'text' },
  ...READ_FLAGS,
  { flag: '--decode', value: '<method>', text: 'how tags are chosen', key: 'decode.method', type: 'text' },
  {
    flag: '--outside-bias',
    value: '<number>',
    text: "added to the score of the outside label wherever tags are chosen; 'dev' fits it on dev",
    key: 'decode.outsideBias',
    type: 'number',
  },
  { flag: '--seed', value: '<n>', text: 'seed of every random draw', key: 'seed', type: 'number' },
  { flag: '--engine', value: '<name>', text: 'compute engine', key: 'engine.name', type: 'text' },
  { flag: '--threads', value: '<n>', text: 'CPU threads', key: 'engine.threads', type: 'number' },
  { flag: '--epochs', value: '<n>', text: 'epochs at the most', key: 'train.epochs', type: 'number' },
  {
    flag: '--log',
    value: '<name>',
    text: 'another log beside log.jsonl: tensorboard',
    key: 'log',
    type: 'text',
  },
  {
    flag: '--init-from',
    value: '<run>',
    text: "start from the weights of this run's tagger: fine-tuning",
    key: 'model.initFrom',
    type: 'text',
  },
  {
    flag: '--embed-vectors',
    value: '<how>',
    text: 'pack all rows of model.vectors into best.ckpt, so that it needs no file of them: float16 or int8',
    key: 'model.embedVectors',
    type: 'text',
  },
  {
    flag: '--out',
    short: '-o',
    value: '<dir>',
    text: 'run folder (default: runs/<date>-<loss>-<seed>)',
    key: 'out',
    type: 'text',
  },
] as const satisfies readonly Flag[];

export interface Flag {
  readonly flag: `--${string}`;
  readonly short?: `-${string}`;
  /** What the help calls its value. */
  readonly value: string;
  readonly text: string;
  /** The config key it sets. */
  readonly key: string;
  readonly type: 'text' | 'number';
}

/** How a key is set on the command line: `--dev FILE`, or `--set model.hidden=…` where it has no flag. */
export function settingOf(key: string): string {
  const found = FLAGS.find((flag) => flag.key === key);
  return found ? `${found.flag} ${found.value.slice(1, -1).toUpperCase()}` : `--set ${key}=\u2026`;
}
