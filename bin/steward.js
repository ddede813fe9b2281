#!/usr/bin/env node
/** The `steward` command: from source where that is there, else as built. A `dist` beside the source may be of yesterday. */
import { existsSync } from 'node:fs';

const source = new URL('../src/cli.ts', import.meta.url);
if (existsSync(source)) {
  const { register } = await import('tsx/esm/api');
  register();
  await import(source.href);
} else {
  await import(new URL('../dist/cli.js', import.meta.url).href);
}
