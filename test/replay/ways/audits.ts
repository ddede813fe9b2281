/** The ways of the monthly audits. */
import { randomBytes } from 'node:crypto';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { expect } from 'vitest';
import { monthlyAuditWorkflowId } from '../../../src/contract.ts';
import { measuredAt } from '../../../src/domain/month.ts';
import { ensureSchedules } from '../../../src/temporal/schedules.ts';
import { ANN_AND_BOB } from '../../support/officers.ts';
import { outcome } from '../../support/outcome.ts';
import { useProviders } from '../../support/providers.ts';
import { useSteward } from '../../support/steward.ts';
import { way } from '../record.ts';

const ZONE = 'Europe/Berlin';

export function auditWays(): void {
  const providers = useProviders();
  const steward = useSteward({
    settings: () => providers.settings('ses'),
    privacy: (policy) => ({
      ...policy,
      officers: ANN_AND_BOB,
    }),
  });
  const resultOf = (workflowId: string) => steward.temporal.client.workflow.getHandle(workflowId).result();
  const measure = async (month: string) => {
    await steward.steward.measureMonth(month, measuredAt(month, ZONE));
    return resultOf(monthlyAuditWorkflowId(month));
  };

  way('audit-measured', 'by hand: measured, published, mailed to both officers', async (keep) => {
    expect(await measure('2026-02')).toMatchObject({ month: '2026-02', outcome: 'first', notMailed: [] });
    await keep(steward, monthlyAuditWorkflowId('2026-02'));
  });

  way(
    'audit-mail-failed',
    'the mail to one officer fails, and is refused when it comes again; the other gets it',
    async (keep) => {
      providers.aws.failNext('500', { action: 'SendRawEmail' });
      providers.aws.rejected.add('ann@support.example');
      expect(await measure('2026-03')).toMatchObject({ month: '2026-03', outcome: 'first', notMailed: ['ann'] });
      await keep(steward, monthlyAuditWorkflowId('2026-03'));
    },
  );

  way('audit-backfilled', 'by its schedule, filled in, and handed what the month before gave', async (keep) => {
    const suffix = `-test-${randomBytes(4).toString('hex')}`;
    const { client } = steward.temporal;
    await ensureSchedules(client, { taskQueue: steward.taskQueue, timeZone: ZONE, suffix });
    const schedule = client.schedule.getHandle(`monthly-audit${suffix}`);
    try {
      const [start, end] = [new Date('2026-05-15T00:00:00Z'), new Date('2026-07-15T00:00:00Z')];
      await schedule.backfill({ start, end, overlap: ScheduleOverlapPolicy.BUFFER_ALL });
      const ids = await outcome(async () => {
        const { recentActions } = (await schedule.describe()).info;
        expect(recentActions).toHaveLength(2);
        return recentActions.map(({ action }) => action.workflow.workflowId);
      });
      const last = ids.sort().at(-1) ?? '';
      expect(await resultOf(last)).toMatchObject({ month: '2026-06', outcome: 'first', notMailed: [] });
      await keep(steward, last);
    } finally {
      await Promise.all([schedule.delete(), client.schedule.getHandle(`retention${suffix}`).delete()]);
    }
  });
}
