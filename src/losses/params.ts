import { UserError } from '../errors';
import { didYouMean } from '../wording';
import type { Param, ParamTable, ParamValue, ParamValues } from './loss';

/** The smallest and the largest number above 0 that float32, in which everything is computed, holds in full precision. */
export const FLOAT32 = { min: 2 ** -126, max: 3.4028234663852886e38 } as const;

/** 0, or a number that stays what it is, up to rounding, in float32. */
export const isFloat32 = (value: number): boolean =>
  value === 0 || (Math.abs(value) >= FLOAT32.min && Math.abs(value) <= FLOAT32.max);

/**
 * Checks raw parameters against a loss's declaration and fills in the defaults. A parameter that cannot act beside the others
 * (`scope` without form set) is a problem too, unless it has its default value.
 * @throws UserError with one line per problem, all problems at once
 */
export function parseParams(loss: string, declared: ParamTable, raw: unknown): ParamValues {
  if (!isRecord(raw)) throw new UserError(`loss ${loss}: parameters must be an object, found ${show(raw)}`);
  const problems: string[] = [];
  for (const key of Object.keys(raw))
    if (!Object.hasOwn(declared, key)) problems.push(unknownKey(loss, key, Object.keys(declared)));

  const values: Record<string, ParamValue> = {};
  for (const [key, param] of Object.entries(declared)) {
    const value = raw[key];
    const expected = value === undefined ? undefined : mismatch(param, value);
    if (expected !== undefined) problems.push(`loss.${key}: ${show(value)} is not valid; expected ${expected}`);
    values[key] = value === undefined || expected !== undefined ? param.default : (value as ParamValue);
  }

  for (const [key, { when = {}, default: byDefault }] of Object.entries(declared))
    for (const [other, allowed] of Object.entries(when))
      if (values[key] !== byDefault && !allowed.includes(values[other] as string))
        problems.push(
          `loss.${key} has no effect with ${other} ${show(values[other])}; it needs ${other} ${allowed.map(show).join(' or ')}`,
        );

  if (problems.length > 0) throw new UserError(problems.join('\n'), 'dsc-train losses lists every parameter');
  return values;
}

function unknownKey(loss: string, key: string, valid: readonly string[]): string {
  if (valid.length === 0) return `loss.${key}: loss ${loss} has no parameters`;
  return `loss.${key}: loss ${loss} has no such parameter; ${didYouMean(key, valid)}`;
}

const tooSmall = `0 or a number that float32 holds, ${FLOAT32.min.toExponential(1)} or more`;

/** What the parameter takes, when `value` is not that. */
function mismatch(param: Param, value: unknown): string | undefined {
  switch (param.type) {
    case 'number': {
      const [low, high] = param.range;
      if (typeof value !== 'number' || !(value >= low && value <= high)) return `a number from ${low} to ${high}`;
      return isFloat32(value) ? undefined : tooSmall;
    }
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'choice':
      return isOneOf(value, param.choices) ? undefined : expectedChoice(value, param.choices);
    case 'weights':
      if (isOneOf(value, param.choices) || (isRecord(value) && Object.values(value).every(isWeight))) return undefined;
      return `${expectedChoice(value, param.choices)}, or a non-negative number by label that float32 holds, such as {"B-LOC": 2, "O": 0.1}`;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isWeight = (value: unknown): boolean => typeof value === 'number' && value >= 0 && isFloat32(value);
const isOneOf = (value: unknown, choices: readonly string[]): boolean =>
  typeof value === 'string' && choices.includes(value);
const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

function expectedChoice(value: unknown, choices: readonly string[]): string {
  const list = choices.join(', ');
  return typeof value === 'string' ? `one of ${list} (${didYouMean(value, choices)})` : `one of ${list}`;
}
