/** A Steward that tells its admins what waits in a list for somebody to look. */
import { afterAll, beforeAll, expect } from 'vitest';
import type { NoticeKind } from '../../src/domain/notice.ts';
import { createParkedMailStore } from '../../src/store/parked-mails.ts';
import { startNoticeWaker } from '../../src/temporal/notice-waker.ts';
import { outcome } from '../support/outcome.ts';
import { type TestSteward, useSteward } from '../support/steward.ts';

export interface NoticeScene {
  readonly steward: TestSteward;
  /** Nobody looks what there is to tell while this runs. */
  asleep(meanwhile: () => Promise<void>): Promise<void>;
  endpoint(name: string): Promise<void>;
  /** Its circuit opens, as when its receiver fails; or closes, a while after. */
  open(name: string): Promise<void>;
  close(name: string): Promise<void>;
  park(mail: string): Promise<void>;
  dropMails(): Promise<void>;
  notices(kind: NoticeKind): Promise<Awaited<ReturnType<typeof noticesOf>>>;
  /** Waits until the newest of this kind is told, and answers its id. */
  told(kind: NoticeKind, occasion: 'began' | 'ended'): Promise<string>;
}

export function useNotices(settings: () => Readonly<Record<string, string>>): NoticeScene {
  const steward = useSteward({ settings });
  const held: { stop?: () => Promise<void> } = {};
  const begin = () => {
    held.stop = startNoticeWaker({
      client: steward.temporal.client,
      taskQueue: steward.taskQueue,
      wanting: steward.composed.deps.notices.wanting,
      onTrouble: (error) => console.error(error),
      lostAttemptMs: 10_000,
      everyMs: 50,
    }).stop;
  };
  beforeAll(begin);
  afterAll(() => held.stop?.());
  const endpoints = () => steward.owner.updateTable('webhook_endpoints');
  const scene: NoticeScene = {
    steward,
    async asleep(meanwhile) {
      await held.stop?.();
      await meanwhile();
      begin();
    },
    async endpoint(name) {
      await steward.owner.insertInto('webhook_endpoints').values({ name, events: [], active: true }).execute();
    },
    async open(name) {
      const now = new Date();
      const failed = { opened_at: now, probe_at: now, last_failure: 'HTTP 503', last_failure_at: now };
      await endpoints().set(failed).where('name', '=', name).execute();
    },
    async close(name) {
      const well = { opened_at: null, probe_at: null, last_failure_at: new Date(Date.now() - 61_000) };
      await endpoints().set(well).where('name', '=', name).execute();
    },
    async park(mail) {
      const about = { reason: 'unproved', sender: 'ada@example.com', providerId: mail } as const;
      await createParkedMailStore(steward.composed.databases.as('steward_gateway')).park({ ...about, mail });
    },
    async dropMails() {
      await steward.owner.deleteFrom('parked_mails').execute();
    },
    notices: async (kind) => (await noticesOf(steward)).filter((notice) => notice.kind === kind),
    told: (kind, occasion) =>
      outcome(async () => {
        const notice = (await scene.notices(kind)).at(-1);
        expect(notice).toMatchObject({ kind, over_at: occasion === 'ended' ? expect.any(Date) : null });
        const asked = await steward.owner
          .selectFrom('notice_messages')
          .select('status')
          .where('notice_id', '=', notice?.id ?? '')
          .where('occasion', '=', occasion)
          .where('status', '=', 'sent')
          .execute();
        expect(asked.length).toBeGreaterThan(0);
        return notice?.id ?? '';
      }),
  };
  return scene;
}

function noticesOf({ owner }: TestSteward) {
  return owner.selectFrom('notices').selectAll().orderBy('id').execute();
}
