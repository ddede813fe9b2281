import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAuditHeads, joinAuditHeads } from '../../src/adapters/audit-heads.ts';
import { temporaryDirectory } from '../support/directory.ts';

const head = (position: number) => ({ position, hash: position.toString(16).padStart(64, '0') });

describe('the file of audit heads', () => {
  test('is made for its owner alone, and gets a line a head, whoever writes', async () => {
    const file = join(await temporaryDirectory(), 'state', 'heads.jsonl');
    const writers = [createAuditHeads(file), createAuditHeads(file)];
    const positions = Array.from({ length: 40 }, (_, i) => i + 1);
    await Promise.all(positions.map((position) => writers[position % 2]?.keep(head(position))));
    const { heads, warnings } = await createAuditHeads(file).read();
    expect(warnings).toEqual([]);
    expect(heads.map(({ position }) => position).sort((a, b) => a - b)).toEqual(positions);
    expect(heads[0]).toMatchObject({ hash: expect.stringMatching(/^[\da-f]{64}$/), at: expect.stringMatching(/Z$/) });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('a line that was cut off by a crash is told, and takes no other with it', async () => {
    const file = join(await temporaryDirectory(), 'heads.jsonl');
    const heads = createAuditHeads(file);
    await heads.keep(head(1));
    await appendFile(file, '{"position":2,"ha');
    await heads.keep(head(3));
    const read = await heads.read();
    expect(read.heads).toMatchObject([head(1), head(3)]);
    expect(read.warnings).toEqual([`${file}: line 2 is no head`]);
  });

  test.each(['', '\n', '{}', '{"position":0}'])('one without a head says so: %j', async (text) => {
    const file = join(await temporaryDirectory(), 'heads.jsonl');
    await appendFile(file, text);
    const read = await createAuditHeads(file).read();
    expect(read.heads).toEqual([]);
    expect(read.warnings.at(-1)).toContain('holds no head');
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  test('the highest of the last ones is the newest, whichever stands last; of no file there is none', async () => {
    const file = join(await temporaryDirectory(), 'heads.jsonl');
    const heads = createAuditHeads(file);
    expect(await heads.newest()).toBeNull();
    for (let position = 1; position <= 200; position++) await heads.keep(head(position));
    await heads.keep(head(199));
    await appendFile(file, '{"position":900,"ha');
    expect(await heads.newest()).toMatchObject(head(200));
  });

  test('copies are read together, each with its own troubles', async () => {
    const dir = await temporaryDirectory();
    const [one, other] = [createAuditHeads(join(dir, 'one')), createAuditHeads(join(dir, 'other'))];
    await one.keep(head(1));
    const read = await joinAuditHeads([one, other]).read();
    expect(read.heads).toMatchObject([head(1)]);
    expect(read.warnings).toEqual([expect.stringContaining('other is not there')]);
  });
});
