/** What is hostile or huge in a running worker: a clear end in bounded time, and the tickets beside it go their ways. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { outcome } from '../support/outcome.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { alone, flowFiles, ran } from './flow-run-support.ts';

vi.setConfig({ testTimeout: 240_000 });

const written = (expression: string) => ({
  QueryLanguage: 'JSONata',
  Type: 'Pass',
  Output: `{% ${expression} %}`,
  Next: 'Welcome',
});
const BOMBS = {
  recursion: written('($f := function($n) { 1 + $f($n + 1) }; $f(0))'),
  circle: written('($f := function($n) { $f($n + 1) }; $f(0))'),
  // Linear here, and met by nothing: an expression that returns nothing fails.
  regex: written('$match($states.input.detail.message, /^(a+)+b$/)'),
  grown: written('($f := function($s) { $f($s & $s) }; $f("xx"))'),
};
const tickets = {
  StartAt: 'Which',
  States: {
    Which: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.detail.message', StringMatches: `${'*a'.repeat(50)}*b`, Next: 'Welcome' },
        ...Object.keys(BOMBS).map((name) => ({ Variable: '$.detail.subject', StringEquals: name, Next: name })),
      ],
      Default: 'Welcome',
    },
    ...BOMBS,
    Welcome: { Type: 'Task', Resource: 'module:sendWelcomeEmail', End: true },
  },
};

function flows(): string {
  const many = Array.from({ length: 10_000 }, (_, i) => `S${i}`);
  const row = many.map((name, i) => [
    name,
    { Type: 'Pass', ...(i + 1 < many.length ? { Next: `S${i + 1}` } : { End: true }) },
  ]);
  const file = flowFiles({
    many: { StartAt: 'S0', States: Object.fromEntries(row) },
    large: alone('S', { Type: 'Pass', Comment: 'x'.repeat(1_000_000) }),
    deep: nested(1_000),
    own: alone('S', {
      Type: 'Pass',
      QueryLanguage: 'JSONata',
      Output: '{% $merge([$states.input, {"seen": $count($keys($states.input))}]) %}',
    }),
  });
  // The tickets' own.
  writeFileSync(file, JSON.stringify(tickets));
  // As it is written: an object in JavaScript would have no such field.
  writeFileSync(
    join(dirname(file), 'named.asl.json'),
    '{"StartAt":"__proto__","States":{"__proto__":{"Type":"Pass","Parameters":{"__proto__":{"polluted":true},"a":1},"Next":"constructor"},"constructor":{"Type":"Pass","End":true}}}',
  );
  return file;
}

function nested(depth: number): object {
  let inner: object = alone('S0', { Type: 'Pass' });
  for (let i = 1; i < depth; i += 1) inner = alone(`S${i}`, { Type: 'Parallel', Branches: [inner] });
  return inner;
}

const steward = useSteward({ settings: () => ({ STEWARD_FLOW: flows() }) });

test('tickets whose flow runs into a bomb are parked with its name, and those beside them are welcomed meanwhile', async () => {
  const send = async (subject: string) => {
    const event = envelope({ subject, message: 'a'.repeat(5_000) });
    await steward.post(event);
    return event.detail.ticketId;
  };
  const bombs = await Promise.all(Object.keys(BOMBS).map(send));
  const others = await Promise.all(Array.from({ length: 5 }, () => send('Login issue')));
  await outcome(async () => {
    for (const id of others) {
      const sent = await steward.read.deliveries(id);
      expect(sent.map(({ template }) => template)).toContain('welcome');
    }
  });
  await outcome(async () => {
    for (const id of bombs) {
      expect(await steward.read.parked(id)).toMatchObject([
        { step: expect.stringMatching(/^(recursion|circle|regex|grown)#1$/) },
      ]);
    }
  });
});

test.each([
  ['many', { status: 'succeeded', output: {} }],
  ['large', { status: 'succeeded', output: {} }],
  ['named', { status: 'succeeded', output: { a: 1 } }],
  ['own', { status: 'succeeded', output: { seen: 0 } }],
  ['deep', { status: 'failed', error: 'InvalidFlow' }],
])('a run of %s comes to its end', async (flow, end) => {
  expect(await ran(steward, flow)).toMatchObject(end);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
