import { describe, expect, test } from 'vitest';
import { newErasureId } from '../../src/erasure-requests.ts';
import { useSteward } from '../support/steward.ts';
import { askByForm, hurried } from './support.ts';

/* What is told at the doors of an erasure to who asks wrongly, or for what is not there. */

const steward = useSteward({ privacy: hurried });
const send = async (path: string, body: unknown) => {
  const response = await steward.app.request(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as object) };
};

describe('POST /v1/erasures', () => {
  test.each([
    ['a list', [], 'an array'],
    ['null', null, 'null'],
    ['text', 'ada@customer.example', 'text of 20 characters'],
  ])('a body that is %s is told to be no object', async (_, body, came) => {
    const message = `expected an object with email or customerId, got ${came}`;
    expect(await send('/v1/erasures', body)).toMatchObject({ status: 422, problems: [{ field: 'body', message }] });
  });
});

describe('POST /v1/erasures/:id/code', () => {
  test('a request that is not there is not found, one of a person whom nobody knows is', async () => {
    const [known, unknown] = ['d1@customer.example', 'd2@customer.example'];
    await steward.owner
      .insertInto('customers')
      .values({
        id: 'CUST-doors',
        name: 'Ada',
        email: known,
        tier: 'standard',
        known_from: 'crm',
        first_ticket_id: null,
      })
      .execute();
    const asked = [await askByForm(steward, known), await askByForm(steward, unknown)];
    for (const { requestId } of asked) {
      // Before its mail goes out and after it: wrong, or over.
      expect(await send(`/v1/erasures/${requestId}/code`, { code: '0000 0000' })).toMatchObject({ status: 409 });
    }
    const none = await send(`/v1/erasures/${newErasureId()}/code`, { code: '0000 0000' });
    expect(none).toMatchObject({ status: 404, code: 'NotFound' });
  });
});

test('the page of a request that was stopped by hand does not say that it is being erased', async () => {
  const { requestId, path } = await askByForm(steward, 'd3@customer.example');
  const gone = { outcome: 'abandoned', state: 'ended', ended_at: new Date(), proved_at: new Date() } as const;
  await steward.owner.updateTable('erasures').set(gone).where('id', '=', requestId).execute();
  const page = await (await steward.app.request(path)).text();
  expect(page).toContain('data-outcome="abandoned"');
  expect(page).toContain('stopped before it was done');
  expect(page).not.toContain('being erased');
  expect(page).not.toContain('No code was entered');
});
