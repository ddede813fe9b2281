import fc from 'fast-check';
import { expect, test } from 'vitest';
import { slackLook } from '../../src/adapters/slack-card.ts';
import type { Card } from '../../src/deps.ts';
import { ASK_ACTS } from '../../src/domain/ask.ts';
import { placeIn, placeOf } from '../../src/schema/slack-names.ts';
import { wrongInBlocks, wrongInView } from '../support/stand-ins/slack-blocks.ts';
import { CARD } from './card.ts';

test('whatever a customer writes, Slack takes the message, and formats nothing of it', () => {
  const words = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 5_000 }),
    fc.constant('👍'.repeat(4_000)),
    fc.constant(''),
  );
  const card = fc.record({
    title: words,
    quotes: fc.array(words, { minLength: 1, maxLength: 4 }),
    said: fc.option(words),
    fields: fc.array(fc.tuple(fc.constant('Name'), words), { minLength: 1, maxLength: 12 }),
    acts: fc.subarray([...ASK_ACTS]),
  });
  fc.assert(
    fc.property(card, words, (more, text) => {
      const look = slackLook({ text: `x${text}`, card: { ...CARD, ...more } });
      expect(wrongInBlocks(look.blocks)).toEqual([]);
      expect(JSON.stringify(look.blocks)).not.toContain('"mrkdwn"');
      expect(look.mrkdwn).toBe(false);
      expect(look.text.length).toBeLessThanOrEqual(3_000);
      expect(look.text).not.toMatch(/[<>]/);
    }),
    { numRuns: 60 },
  );
});

test('the check of the stand-in sees what Slack refuses', () => {
  const section = (text: object) => [{ type: 'section', text }];
  expect(wrongInBlocks(section({ type: 'plain_text', text: 'x'.repeat(3_001) }))).not.toEqual([]);
  expect(wrongInBlocks(section({ type: 'plain_text', text: '' }))).not.toEqual([]);
  expect(wrongInBlocks([{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }])).not.toEqual([]);
  expect(wrongInBlocks(Array.from({ length: 51 }, () => section({ type: 'plain_text', text: 'x' })[0]))).not.toEqual(
    [],
  );
  expect(wrongInBlocks([{ type: 'actions', elements: [] }])).not.toEqual([]);
  expect(wrongInView({ type: 'modal', title: { type: 'plain_text', text: 'x'.repeat(25) }, blocks: [] })).not.toEqual(
    [],
  );
});

test('a message’s place is its ticket and round, and nothing else is one', () => {
  expect(placeIn(placeOf({ ticketId: 'a:b.c_d-1', round: 12 }))).toEqual({ ticketId: 'a:b.c_d-1', round: 12 });
  for (const text of [
    '',
    'steward',
    'steward|x',
    'steward|x|0',
    'steward|x|1|2|3',
    'steward|x|1|',
    'steward|x y|1',
    'other|x|1',
    ' steward|x|1',
  ]) {
    expect(placeIn(text)).toBeNull();
  }
});

test('a look has a block of its own, which leads to the same place', () => {
  const blockIn = (card: Card) =>
    slackLook({ text: 'x', card }).blocks?.find(({ type }) => type === 'actions')?.block_id ?? '';
  const looks = [
    CARD,
    { ...CARD, said: 'Snoozed' },
    { ...CARD, said: 'Claimed', acts: ['resolve', 'reassign'] as const },
  ];
  const blocks = looks.map(blockIn);
  expect(new Set(blocks).size).toBe(3);
  for (const block of blocks) expect(placeIn(block)).toEqual({ ticketId: 'TKT-1', round: 1 });
});

test('a message without anything to do stays text', () => {
  expect(slackLook({ text: 'a < b' })).toEqual({ text: 'a &lt; b' });
});
