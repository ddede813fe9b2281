/** Bodies of the requests about erasures: every field counts. */
import { describe, expect, it } from 'vitest';
import type { KeyRole } from '../../src/domain/access.ts';
import { createWorld } from './support.ts';

const ID = `ERA-${'0'.repeat(16)}`;

async function send(path: string, body: unknown, role: KeyRole = 'privacyOfficer') {
  const world = createWorld();
  world.role = role;
  const headers = { authorization: `Bearer ${world.key}`, 'content-type': 'application/json' };
  const response = await world.app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const { code, problems } = (await response.json()) as { code?: string; problems?: unknown };
  return { status: response.status, code, problems };
}

const unknown = (...problems: { field: string; message: string }[]) => ({
  status: 400,
  code: 'UnknownField',
  problems,
});

describe('a field that is not known', () => {
  it('is refused beside those that are right, and the one that was meant is named', async () => {
    expect(await send('/v1/erasures', { email: 'ada@customer.example', Assertion: 'x', customer_id: 'C-1' })).toEqual(
      unknown(
        { field: 'Assertion', message: 'unknown field; did you mean "assertion"?' },
        { field: 'customer_id', message: 'unknown field; did you mean "customerId"?' },
      ),
    );
    expect(await send('/v1/erasures', { emial: 'ada@customer.example' })).toEqual(
      unknown({ field: 'emial', message: 'unknown field; did you mean "email"?' }),
    );
  });

  it('that is like none is answered with those that are taken', async () => {
    expect(await send('/v1/erasures', { email: 'ada@customer.example', vip: true })).toEqual(
      unknown({ field: 'vip', message: 'unknown field; taken are email, customerId, assertion' }),
    );
  });

  it('is not quoted where its name may be somebody’s words', async () => {
    expect(await send('/v1/erasures', { 'ada@customer.example': true })).toEqual(
      unknown({
        field: 'body',
        message: 'a field named by text of 20 characters; taken are email, customerId, assertion',
      }),
    );
  });

  it.each([
    ['code', { code: '12345678', Code: '1' }, 'Code', 'did you mean "code"?'],
    ['refuse', { reasons: 'because' }, 'reasons', 'did you mean "reason"?'],
    ['extend', { reason: 'because', until: '2027-01-01' }, 'until', 'taken are reason'],
    ['retry', { stepp: 'empty' }, 'stepp', 'did you mean "step"?'],
    ['skip', { name: 'empty' }, 'name', 'taken are step'],
    ['approve', { reason: 'because' }, 'reason', 'no field is taken here'],
    ['vouch', { officer: 'ann' }, 'officer', 'no field is taken here'],
  ])('is refused by %s as well', async (act, body, field, said) => {
    expect(await send(`/v1/erasures/${ID}/${act}`, body)).toEqual(
      unknown({ field, message: `unknown field; ${said}` }),
    );
  });

  it('is told to nobody without a key that may ask', async () => {
    expect(await send(`/v1/erasures/${ID}/approve`, { reason: 'because' }, 'agent')).toMatchObject({ status: 403 });
  });
});

it('a body that is no object, or whose field is of another kind, is wrong as it was', async () => {
  expect(await send('/v1/erasures', [])).toMatchObject({ status: 422, problems: [{ field: 'body' }] });
  expect(await send('/v1/erasures', { email: 7 })).toMatchObject({ status: 422, problems: [{ field: 'email' }] });
  expect(await send(`/v1/erasures/${ID}/code`, { code: 12345678 })).toMatchObject({
    status: 422,
    problems: [{ field: 'code', message: expect.stringContaining('8 digits') }],
  });
});
