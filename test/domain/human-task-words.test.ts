import { expect, it } from 'vitest';
import { askPeople } from '../../src/domain/human-task.ts';
import { sayRefused } from '../../src/domain/human-task-words.ts';

const task = { ...askPeople({ id: 'refund-1042', form: ['approve', 'refuse'], audience: ['ana'] }), ending: null };
const said = (why: Parameters<typeof sayRefused>[0]) => sayRefused(why, 'refund-1042', task, (id) => id);

it('names what may be said to who said something else', () => {
  expect(said('unknown')).toBe(
    "Nothing was done with task refund-1042: that can't be said to it. What can: approve, refuse.",
  );
});

it('says something else to who would pass it on to themselves', () => {
  expect(said('self')).toContain('you decide it yourself already');
  expect(said('asked')).toContain('would have one voice for two');
  expect(said('given')).toContain('somebody decides in your place already');
});
