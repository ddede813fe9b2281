import { expect, test } from 'vitest';
import { parseFlow } from '../../src/flow/parse.ts';

const flow = (n: number) => ({ StartAt: 'S', States: { S: { Type: 'Pass', Result: n, End: true } } });
const read = (n: number, name = 'f') => parseFlow(flow(n), name, { checked: true });

test('a flow that was pinned is read once, whoever goes by it, and another name or content is another flow', () => {
  expect(read(1)).toBe(read(1));
  expect(read(2)).not.toBe(read(1));
  expect(read(1, 'g')).not.toBe(read(1));
  expect(read(1, 'g').name).toBe('g');
  expect(parseFlow(flow(1), 'f')).not.toBe(read(1));
});

test('what was not wanted for long is forgotten, what is wanted stays', () => {
  const [wanted, other] = [read(1), read(2)];
  for (let n = 100; n < 130; n += 1) {
    read(n);
    expect(read(1)).toBe(wanted);
  }
  expect(read(2)).not.toBe(other);
});

test('a definition that is wrong is refused each time, and a very long one is read anew', () => {
  const wrong = () => parseFlow({ StartAt: 'S' }, 'f', { checked: true });
  expect(wrong).toThrow('flow f');
  expect(wrong).toThrow('flow f');
  const long = { ...flow(1), Comment: 'x'.repeat(300_000) };
  expect(parseFlow(long, 'f', { checked: true })).not.toBe(parseFlow(long, 'f', { checked: true }));
});
