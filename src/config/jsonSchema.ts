import { z } from 'zod';
import { LOSSES } from '../losses';
import type { LossSpec, Param } from '../losses/loss';
import { FLOAT32 } from '../losses/params';
import { schema } from './schema';

/** The parts of a JSON Schema that are changed here. */
interface Node {
  [keyword: string]: unknown;
  properties?: Record<string, Node>;
}

/**
 * The JSON Schema (draft 7, which editors know) of a config file: keys with meaning, defaults and values. No key is required, since
 * defaults, other layers and flags stand beside a file. What one key says of another, and numbers that float32 cannot hold, are checked
 * by `parseConfig` alone.
 */
export function configSchema(): Node {
  const root = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) as Node;
  relax(root);
  const { loss, ...others } = root.properties ?? {};
  return {
    ...root,
    title: 'config of dsc-train',
    properties: {
      $schema: { type: 'string', description: 'where this schema lies, for editors' },
      ...others,
      loss: { ...loss, ...lossSchema(loss?.properties?.name ?? {}) },
    },
  };
}

/** The words that the value of a key may be, where there are such: names, true and false. */
export function choicesOf(key: string): string[] {
  const node = key.split('.').reduce<Node | undefined>((at, part) => at?.properties?.[part], configSchema());
  return node ? wordsOf(node) : [];
}

function wordsOf({ enum: names, const: one, anyOf, type }: Node): string[] {
  const all = [...((names as unknown[] | undefined) ?? []), ...(one === undefined ? [] : [one])].map(String);
  if (type === 'boolean') all.push('true', 'false');
  return [...all, ...((anyOf as Node[] | undefined) ?? []).flatMap(wordsOf)];
}

export const configSchemaText = (): string => `${JSON.stringify(configSchema(), null, 2)}\n`;

/** Takes away what holds of a whole config alone. */
function relax(node: Node): void {
  delete node.required;
  for (const value of Object.values(node.properties ?? {})) relax(value);
}

/** The parameters of each loss, where its name stands beside them. */
function lossSchema(name: Node): Node {
  const branches = Object.values<LossSpec>(LOSSES).map((spec) => ({
    if: { properties: { name: { const: spec.name } }, required: ['name'] },
    then: {
      properties: {
        name: { description: `${spec.title}: ${spec.formula}` },
        ...Object.fromEntries(Object.entries(spec.params).map(([key, param]) => [key, paramSchema(param)])),
      },
      additionalProperties: false,
    },
  }));
  const known = { enum: Object.keys(LOSSES) };
  return {
    type: 'object',
    properties: { name: { ...name, anyOf: [known, { type: 'string', pattern: '\\.[cm]?js$' }] } },
    allOf: branches,
  };
}

function paramSchema(param: Param): Node {
  const told = { description: param.meaning, default: param.default };
  switch (param.type) {
    case 'number':
      return { type: 'number', minimum: param.range[0], maximum: param.range[1], ...told };
    case 'boolean':
      return { type: 'boolean', ...told };
    case 'choice':
      return { enum: param.choices, ...told };
    case 'weights': {
      const byLabel = { type: 'object', additionalProperties: { type: 'number', minimum: 0, maximum: FLOAT32.max } };
      return { anyOf: [{ enum: param.choices }, byLabel], ...told };
    }
  }
}
