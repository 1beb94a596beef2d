import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** What is coloured of the messages on standard error. Results on standard output never are: they are for programs too. */
const PAINT: readonly (readonly [pattern: RegExp, style: Style])[] = [
  [/^(?:error|floor missed|exit 3)(?=: )/gm, ['bold', 'red']],
  [/^(?:warning|--strict|interrupted)(?=: |;)/gm, ['bold', 'yellow']],
  [/^note(?=: )/gm, ['bold', 'cyan']],
  [/(?<=^epoch .*)\bbest$/gm, 'green'],
  [/^(?:the run is in|the report is in)\b/gm, 'bold'],
];

/** Messages with colour. */
export const painted = (text: string): string =>
  PAINT.reduce((told, [pattern, style]) => told.replace(pattern, (found) => styled(style, found)), text);

/** In newer versions of Node `styleText` would look at standard output by itself, where this is for standard error. */
const styled = (style: Style, text: string): string =>
  (styleText as (style: Style, text: string, options: object) => string)(style, text, { validateStream: false });

/**
 * Whether what is written to a stream is to have colour: `FORCE_COLOR` says it whatever the stream is (0 and false: no), then `NO_COLOR`
 * (set to anything: no), then whether it is a terminal that can.
 */
export function wantsColour(isTTY: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: none, TERM: terminal } = env;
  if (forced !== undefined) return !/^(0|false)$/.test(forced);
  if (none !== undefined && none !== '') return false;
  return isTTY && terminal !== 'dumb';
}
