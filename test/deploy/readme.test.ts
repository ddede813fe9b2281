import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseEnvelope } from '../../src/schema/envelope.ts';

const README = readFileSync('README.md', 'utf8');
const EXAMPLES = 'examples/envelopes';

function ticketIdIn(file: string): string | undefined {
  const parsed = parseEnvelope(JSON.parse(readFileSync(file, 'utf8')));
  return 'envelope' in parsed ? parsed.envelope.detail.ticketId : undefined;
}

test('every example is a lawful event with a ticket id of its own', () => {
  const ids = readdirSync(EXAMPLES).map((name) => ticketIdIn(`${EXAMPLES}/${name}`));
  expect(ids).not.toContain(undefined);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the tour sends every example once, the ones by the temporal CLI under the workflow id of their ticket', () => {
  const posted = [...README.matchAll(/-d @(\S+\.json)/g)].map(([, file = '']) => file);
  const started = [...README.matchAll(/workflow start .*--workflow-id ticket-(\S+) --input-file (\S+\.json)/g)];
  expect([...posted, ...started.map(([, , file]) => file)].sort()).toEqual(
    readdirSync(EXAMPLES)
      .map((name) => `${EXAMPLES}/${name}`)
      .sort(),
  );
  for (const [, id, file = ''] of started) expect(ticketIdIn(file)).toBe(id);
});
