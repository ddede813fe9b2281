import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, chooseAgent } from '../../src/domain/escalate.ts';

const agent = (id: string, load: number, capacity = 10, skills: readonly string[] = []): Candidate => ({
  id,
  load,
  capacity,
  skills,
});

describe('chooseAgent', () => {
  it.each([
    ['the least share of capacity in use', [agent('a', 2, 4), agent('b', 3, 10)], [], 'b'],
    ['of equal shares the fewest tickets', [agent('a', 4, 8), agent('b', 2, 4)], [], 'b'],
    ['of equal loads the first by id', [agent('c', 1), agent('b', 1), agent('d', 1)], [], 'b'],
    ['only who has every skill', [agent('a', 0, 9, ['x']), agent('b', 5, 9, ['x', 'y'])], ['x', 'y'], 'b'],
    ['nobody who is full', [agent('a', 3, 3), agent('b', 8, 9)], [], 'b'],
    ['nobody without room for one', [agent('a', 0, 0)], [], undefined],
    ['nobody when no one has the skill', [agent('a', 0, 9, ['x'])], ['y'], undefined],
    ['nobody of nobody', [], [], undefined],
  ])('takes %s', (_rule, candidates, skills, id) => {
    expect(chooseAgent(candidates, skills)?.id).toBe(id);
  });

  const candidates = fc.uniqueArray(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 4 }),
      skills: fc.subarray(['x', 'y', 'z']),
      capacity: fc.nat(6),
      load: fc.nat(8),
    }),
    { selector: (candidate) => candidate.id, maxLength: 8 },
  );

  it('answers alike however the candidates are ordered, and changes none of them', () => {
    fc.assert(
      fc.property(candidates, fc.subarray(['x', 'y', 'z']), (all, skills) => {
        const frozen = all.map((candidate) => Object.freeze({ ...candidate }));
        expect(chooseAgent(Object.freeze([...frozen].reverse()), skills)).toEqual(chooseAgent(frozen, skills));
      }),
    );
  });

  it('finds somebody exactly when somebody fits, and nobody fits better', () => {
    fc.assert(
      fc.property(candidates, fc.subarray(['x', 'y', 'z']), (all, skills) => {
        const fitting = all.filter((c) => c.load < c.capacity && skills.every((skill) => c.skills.includes(skill)));
        const chosen = chooseAgent(all, skills);
        expect(chosen !== undefined).toBe(fitting.length > 0);
        for (const other of fitting) {
          expect((chosen?.load ?? 0) / (chosen?.capacity ?? 1)).toBeLessThanOrEqual(other.load / other.capacity);
        }
      }),
    );
  });
});
