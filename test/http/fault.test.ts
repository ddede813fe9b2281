import { expect, test } from 'vitest';
import { ProviderError } from '../../src/domain/errors.ts';
import { sayFault } from '../../src/http/fault.ts';

test('a log has why a provider refused, and that nobody answered', () => {
  expect(sayFault(new ProviderError('slack', 'expired_trigger_id', { retryable: false }))).toMatchObject({
    code: 'ProviderFailed',
    reason: 'slack: expired_trigger_id',
  });
  const late = new Error('timeout exceeded when trying to connect', { cause: new Error('stopped') });
  expect(sayFault(late)).toMatchObject({ reason: 'timeout exceeded when trying to connect' });
  expect(sayFault(new Error('no query', { cause: new Error('Query read timeout') }))).toMatchObject({
    reason: 'Query read timeout',
  });
});

test('what an error quotes of somebody stays out of it', () => {
  const said = sayFault(new Error('invalid input: "ada@customer.example", timeout exceeded when trying to connect'));
  expect(said).toEqual({ error: 'Error', at: expect.any(Array) });
});
