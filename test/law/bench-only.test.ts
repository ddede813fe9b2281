import { expect, test } from 'vitest';
import { KINDS, readOnly } from '../../bench/only.ts';

test('without a name all kinds of work are compared, with names those', () => {
  expect(readOnly(undefined)).toEqual({ kinds: KINDS });
  expect(readOnly('clear, ticket')).toEqual({ kinds: ['ticket', 'clear'] });
  expect(readOnly('flow-steps')).toEqual({ apart: 'flow-steps' });
});

test.each([
  ['deadlines,waiting', 'deadlines is a run of its own and goes with nothing else'],
  ['ticket,flows', 'flows is a run of its own and goes with nothing else'],
  ['tickets', 'there is no "tickets"'],
  ['noop,', 'there is no ""'],
  ['', 'there is no ""'],
])('%j measures nothing, and hears what there is', (text, problem) => {
  const said = readOnly(text);
  expect(said).toEqual({ problem: expect.stringContaining(problem) });
  expect(said).toEqual({ problem: expect.stringContaining('noop, four, ticket, clear; runs of their own are audit,') });
});
