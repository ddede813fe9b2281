import { describe, expect, it } from 'vitest';
import { sayDetails } from '../../src/domain/words.ts';

const ROW = { state: 'new', route: 'none', priority: null, tier: null, assigneeId: null } as const;
const PARKED = { step: 'Route#1', error: 'States.Runtime', cause: '', attempts: 1, fixable: true };
const details = (parked: object) =>
  sayDetails({ ticketId: 'TKT-1', row: ROW, parked: [{ ...PARKED, ...parked }], deadline: null });

describe('the details of a parked ticket', () => {
  it('say why, and carry a command for each answer', () => {
    const said = details({ cause: 'the Choice looks at $.gone, and there is nothing' });
    expect(said).toContain('Parked at `Route#1`: the Choice looks at $.gone, and there is nothing. To go on:');
    for (const act of ['retry', 'fix', 'skip', 'abort']) {
      expect(said).toContain(`npx steward ${act} TKT-1 --step 'Route#1'`);
    }
    expect(said).toContain('Route#1 failed once (States.Runtime)');
  });

  it('offer no new input to a step that has none', () => {
    expect(details({ fixable: false })).not.toContain('npx steward fix');
  });

  it('are words of a shell whatever a state is called', () => {
    expect(details({ step: "Can't answer#1" })).toContain(`--step 'Can'\\''t answer#1'`);
  });
});
