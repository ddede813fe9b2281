import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A file of this test file's own, gone at its end: a flow, a policy. YAML is JSON too. Returns its path. */
export function testFile(name: string, content: unknown): string {
  const path = join(emptyDirectory(), name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

export function emptyDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'steward-file-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A Retry that is over soon: waits of `intervalSeconds` times `rate`, `retries` times. */
export function retrying(retries: number, intervalSeconds = 1, rate = 1) {
  const retrier = { ErrorEquals: ['States.ALL'], IntervalSeconds: intervalSeconds, MaxAttempts: retries };
  return [{ ...retrier, BackoffRate: rate }];
}
