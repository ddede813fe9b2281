import { expect, test } from 'vitest';
import { createParkedMailDesk } from '../../src/store/parked-mail-desk.ts';
import { createParkedMailStore } from '../../src/store/parked-mails.ts';
import { useStores } from '../store/support.ts';
import { createWorld, steward } from './support.ts';

const stores = useStores();
const run = (...args: string[]) =>
  steward(createWorld({ mails: createParkedMailDesk(stores.operator) }), 'mail', 'list', ...args);

test('a parked mail is listed with why, and without who wrote it', async () => {
  expect((await run()).out).toContain('No mail waits');
  const mail = { reason: 'bulk', sender: 'ada@example.com', mail: 'Subject: x\r\n\r\ny', providerId: 'p1' } as const;
  const { id } = await createParkedMailStore(stores.gateway).park(mail);
  const { out } = await run();
  expect(out).toMatch(new RegExp(`${id} +20.*bulk: by a list that is none of ours`));
  expect(out).not.toContain('ada@');
  expect(JSON.parse((await run('--json')).out)).toEqual([{ id, reason: 'bulk', at: expect.any(String) }]);
});
