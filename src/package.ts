import { createRequire } from 'node:module';

// By its own name, which holds wherever in the package this stands.
const { version } = createRequire(__filename)('dsc-train/package.json') as { version: string };

export const VERSION = version;
