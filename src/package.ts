import { createRequire } from 'node:module';

// Both src/ and dist/ lie one level below the manifest.
const { version } = createRequire(__filename)('../package.json') as { version: string };

export const VERSION = version;
