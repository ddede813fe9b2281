import { describe, expect, it } from 'vitest';
import { KEY_ROLES, may } from '../../src/domain/access.ts';
import { requireKey } from '../../src/http/access.ts';
import { createWorld, depsOf, post, postEvent, REFERENCE } from './support.ts';

const MAIL = 'From: jane@example.com\r\nSubject: Help\r\nMessage-ID: <1@example.com>\r\n\r\nIt does not work.\r\n';
const SENDERS = KEY_ROLES.filter((role) => may(role, 'sendEvents'));
const OTHERS = KEY_ROLES.filter((role) => !may(role, 'sendEvents'));

describe('the role of a key', () => {
  it.each(SENDERS)('%s may send events and mails', async (role) => {
    const world = createWorld();
    world.role = role;
    expect((await postEvent(world, REFERENCE)).status).toBe(202);
    expect((await post(world, '/v1/email', MAIL, { 'content-type': 'message/rfc822' })).status).toBe(202);
  });

  it.each(OTHERS)('%s may not, and hears which role may', async (role) => {
    const world = createWorld();
    world.role = role;
    const refused = [
      await postEvent(world, REFERENCE),
      await postEvent(world, { filler: 'x'.repeat(40 * 1024) }),
      await postEvent(world, 'no event at all'),
      await post(world, '/v1/email', MAIL, { 'content-type': 'message/rfc822' }),
    ];
    for (const response of refused) {
      expect(response.status).toBe(403);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({
        code: 'RoleMissing',
        status: 403,
        detail: expect.stringMatching(new RegExp(`agent or operator or admin;.*of the role ${role}\\..*--role agent`)),
      });
    }
    expect(world.submitted).toEqual([]);
  });

  it('is told to routes with the key, and asked for by what they do', async () => {
    const world = createWorld();
    const headers = new Headers({ 'x-api-key': world.key });
    const ask = (act: Parameters<typeof requireKey>[2]) => requireKey(depsOf(world), headers, act);
    world.role = 'auditor';
    expect(await ask('readAudit')).toEqual({ id: 'k1', name: 'test', role: 'auditor', agent: null });
    await expect(ask('decode')).rejects.toMatchObject({ status: 403, code: 'RoleMissing' });
    await expect(requireKey(depsOf(world), new Headers(), 'readAudit')).rejects.toMatchObject({ status: 401 });
  });
});
