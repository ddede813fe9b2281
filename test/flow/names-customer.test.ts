import { describe, expect, it } from 'vitest';
import { namesCustomer } from '../../src/flow/record.ts';

const ADA = {
  customerId: 'CUST-77',
  customerName: 'Ada Lovelace',
  customerEmail: 'ada.lovelace@customer.example',
  customerPhone: '+49 171 1234567',
  orderId: 'O-4711',
  message: 'My parcel',
};

describe('the id of a run, which stays when the customer is erased', () => {
  it.each([
    ['their id', 'delay:CUST-77'],
    ['their id, in small letters', 'delay-cust-77'],
    ['their name', 'ada-lovelace'],
    ['a part of their name, beside others', 'delay-ada-O-4711'],
    ['their number', 'call/1711234567'],
    ['what stands before the @ of their address', 'ada.lovelace_1'],
    ['their words', 'My parcel'],
  ])('names them by %s', (_, id) => {
    expect(namesCustomer(id, ADA)).toBe(true);
    expect(namesCustomer(id, { detail: ADA })).toBe(true);
  });

  it.each(['O-4711', 'delay-O-4711-2', 'adamant-1', '', '-', '4711'])('does not: %s', (id) => {
    expect(namesCustomer(id, ADA)).toBe(false);
    expect(namesCustomer(id, { detail: ADA })).toBe(false);
  });

  it.each([null, 3, 'text', [], {}, { detail: null }, { customerName: '', customerEmail: 7 }])(
    'can be judged for any input: %j',
    (input) => expect(namesCustomer('delay-1', input as never)).toBe(false),
  );
});
