import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCustomerIds } from '../../src/adapters/customer-ids.ts';
import { TICKET_ID } from '../../src/domain/envelope.ts';

const newCustomerId = createCustomerIds('a secret of tests, 32 letters or more');

describe('the id of a new customer', () => {
  it('is the same for the same address, however it is written, and another for another', () => {
    expect(newCustomerId('Ada@Example.com')).toBe(newCustomerId('ada@example.com'));
    expect(newCustomerId('ada@example.org')).not.toBe(newCustomerId('ada@example.com'));
  });

  it('is an id like any other', () => {
    expect(newCustomerId('ada@example.com')).toMatch(/^CUST-[0-9a-f]{32}$/);
    expect(newCustomerId('ada@example.com')).toMatch(TICKET_ID);
  });

  it('can not be made without the secret', () => {
    const id = newCustomerId('ada@example.com');
    expect(createCustomerIds('another secret of tests, long enough')('ada@example.com')).not.toBe(id);
    for (const text of ['ada@example.com', 'customer:ada@example.com']) {
      expect(id).not.toContain(createHash('sha256').update(text).digest('hex').slice(0, 32));
    }
  });
});
