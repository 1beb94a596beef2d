import * as z from 'zod';
import { FORMATS } from '../data/formats';
import { SPELLINGS } from '../data/spellings';
import { SCHEMES } from '../schemes';

/** The names of a table's rows, for an enumeration. */
export const names = <T extends object>(table: T) => Object.keys(table) as [keyof T & string, ...(keyof T & string)[]];

const column = z.union([z.int().positive(), z.string().min(1)]);

/** How corpora are read: the keys of `data` that name no file. */
export const readingSchema = z.strictObject({
  format: z
    .enum(['auto', ...names(FORMATS)])
    .default('auto')
    .describe('file format'),
  tokenColumn: column.nullable().default(null).describe('token column, by 1-based number or name'),
  tagColumn: column
    .nullable()
    .default(null)
    .describe('tag column, by 1-based number or name; `MISC:name` is one key of a column `SpaceAfter=No|name=B-PER`'),
  comment: z.string().min(1).nullable().default(null).describe('lines that start with this are comments'),
  scheme: z
    .enum(['auto', ...names(SCHEMES)])
    .default('auto')
    .describe('tagging scheme'),
  spelling: z
    .enum(['auto', ...names(SPELLINGS)])
    .default('auto')
    .describe('how tags are spelled: B-PER, PER-B, b-per, ...'),
  outside: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('label of tokens that belong to no entity; null finds it, mostly `O`'),
});

export type Reading = z.output<typeof readingSchema>;
