import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dockerfileOffences } from './dockerfile.ts';

const DOCKERFILE = readFileSync('Dockerfile', 'utf8');
const IGNORE = readFileSync('.dockerignore', 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const ALLOWED = IGNORE.filter((line) => line.startsWith('!')).map((line) => line.slice(1));

test('the image is pinned, on glibc, not root, watched, and made of what the lock file names', () => {
  expect(dockerfileOffences(DOCKERFILE, ALLOWED)).toEqual([]);
});

test('nothing goes to the image builder that is not named: no secrets, no state, no history', () => {
  expect(IGNORE[0]).toBe('*');
  expect(ALLOWED.filter((path) => /^\.(env|git|steward)|node_modules|^\.$/.test(path))).toEqual([]);
  expect(ALLOWED.filter((path) => !existsSync(path))).toEqual([]);
});

test('the image carries every directory that a setting or the store reads', () => {
  for (const directory of ['migrations', 'flows', 'policies', 'help', 'templates']) {
    expect(DOCKERFILE).toContain(`\nCOPY ${directory} ./${directory}\n`);
  }
});

test('the health check asks after the process that the image runs by default', () => {
  expect(DOCKERFILE).toContain('CMD ["dist/worker.js"]');
  expect(DOCKERFILE).toMatch(/^HEALTHCHECK .*CMD \["node", "dist\/health\.js", "worker"\]$/m);
});

const BASE = 'node:24.21.0-bookworm-slim';
test.each<[offence: string, from: string | RegExp, to: string]>([
  ['not one Node on glibc', BASE, 'node:latest'],
  ['not one Node on glibc', BASE, 'node:24-bookworm-slim'],
  ['not one Node on glibc', BASE, 'node:24.21.0-alpine'],
  ['not one Node on glibc', BASE, 'node:20.20.2-bookworm-slim'],
  ['runs as root', 'USER node', 'USER root'],
  ['runs as root', /^USER node\n/m, ''],
  ['no health check', /^HEALTHCHECK.*\n/m, ''],
  ['entry point', '["node"]', '["npm", "run"]'],
  ['production', 'NODE_ENV=production ', ''],
  ['keeps it out', 'COPY src ./src', 'COPY . .'],
  ['lock file', 'npm ci', 'npm install'],
])('the check sees: %s (%s -> %s)', (offence, from, to) => {
  const broken = DOCKERFILE.replace(from, to);
  expect(broken).not.toBe(DOCKERFILE);
  expect(dockerfileOffences(broken, ALLOWED).join('\n')).toContain(offence);
});
