import { join } from 'node:path';
import type { Comparison } from '../compare/comparison';
import { writeAtomic } from '../files';
import { comparisonCsv } from './compareCsv';
import { comparisonHtml } from './compareHtml';
import { comparisonMarkdown } from './compareMarkdown';
import { toJson } from './json';

/** Writes a comparison in every form into its folder. @returns the paths */
export const saveComparison = (folder: string, comparison: Comparison): Promise<string[]> =>
  saveForms(folder, {
    'compare.json': toJson(comparison),
    'compare.csv': comparisonCsv(comparison),
    'compare.md': comparisonMarkdown(comparison),
    'compare.html': comparisonHtml(comparison),
  });

/** Writes texts into a folder by their file names. @returns the paths */
export async function saveForms(folder: string, forms: Readonly<Record<string, string>>): Promise<string[]> {
  const paths: string[] = [];
  for (const [name, text] of Object.entries(forms)) {
    const path = join(folder, name);
    await writeAtomic(path, text);
    paths.push(path);
  }
  return paths;
}
