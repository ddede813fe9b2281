/** The ways of incidents: a provider fails, and is back. */
import { expect } from 'vitest';
import { healWorkflowId, lookAgain, ticketWorkflowId } from '../../../src/contract.ts';
import { outcome } from '../../support/outcome.ts';
import { useProviders } from '../../support/providers.ts';
import { breakComprehend, useHealing } from '../../workflows/healing-support.ts';
import { answered, entry, handleOf, historyOf, until } from '../../workflows/support.ts';
import { type Keep, way } from '../record.ts';

/** What is found again in what Comprehend is asked. */
const FIRST = { message: 'How do I download my invoice for last year?' };

export function healingWays(): void {
  const providers = useProviders();
  const scene = useHealing(() => ({
    ...providers.settings('comprehend', 'slack'),
    STEWARD_SENTIMENT_DEADLINE_MS: '2000',
  }));
  const { steward } = scene;

  /** A ticket that did without Comprehend, and the incident. */
  async function incident(): Promise<{ ticketId: string; incidentId: string }> {
    breakComprehend(providers);
    const tickets = [FIRST, {}, {}].map((detail) => answered(steward, { customerTier: 'premium', ...detail }));
    const [ticketId = ''] = await Promise.all(tickets);
    return { ticketId, incidentId: await scene.opened('comprehend') };
  }
  async function healed(breakAgain = () => {}): Promise<{ ticketId: string; incidentId: string }> {
    const ids = await incident();
    await outcome(async () => {
      const [one] = (await scene.incidents('comprehend')).slice(-1);
      expect(one?.probes).toBeGreaterThanOrEqual(2);
    });
    providers.aws.reset();
    breakAgain();
    Object.assign(providers.aws.comprehend, { sentiment: 'NEGATIVE', score: 0.97 });
    await scene.over(ids.incidentId);
    return ids;
  }
  const keepIncident = (keep: Keep, incidentId: string) =>
    keep(steward, healWorkflowId({ provider: 'comprehend', incidentId }));

  way('healed', 'probed in vain, then well; told of twice, its tickets looked at again', async (keep) => {
    const { incidentId } = await healed();
    await scene.workflowOf('comprehend', incidentId).result();
    await keepIncident(keep, incidentId);
  });
  way('looked-again', 'a ticket whose mood is judged again, and that goes to a person by it', async (keep) => {
    const { ticketId } = await healed();
    await entry(steward, ticketId, 'enrichedAgain');
    await entry(steward, ticketId, 'escalated');
    await keep(steward, ticketWorkflowId(ticketId));
  });
  way('looked-again-twice', 'the same, where Comprehend fails once more when it is asked again', async (keep) => {
    const { ticketId } = await healed(() =>
      providers.aws.failNext('500', { action: 'DetectSentiment', about: 'last year' }),
    );
    await entry(steward, ticketId, 'enrichedAgain');
    await keep(steward, ticketWorkflowId(ticketId));
  });
  way('late-fact', 'judged again it is urgent, and its clock goes on by that; solved', async (keep) => {
    const { ticketId } = await healed();
    await entry(steward, ticketId, 'escalated');
    await steward.steward.resolve(ticketId, { agentId: 'ana' });
    await until(steward, ticketId, { state: 'solved' });
    await keep(steward, ticketWorkflowId(ticketId));
  });
  way('told-twice', 'a ticket that is told to look again twice before it has its answer', async (keep) => {
    // No failure of the provider's: no incident comes of it.
    providers.aws.failNext('429', { action: 'DetectSentiment', about: 'last year' }, 1_000);
    const ticketId = await answered(steward, { customerTier: 'premium', ...FIRST });
    providers.aws.reset();
    const asked = () => providers.aws.asked.filter(({ action }) => action === 'DetectSentiment');
    for (const eventId of ['first', 'second']) {
      await handleOf(steward, ticketId).signal(lookAgain, { source: 'degraded', eventId });
    }
    await outcome(async () => expect(asked()).toHaveLength(2));
    await entry(steward, ticketId, 'enrichedAgain');
    // The second answer was heard too.
    await outcome(async () => {
      const names = await historyOf(steward, ticketId);
      const count = (name: string) => names.filter((one) => one === name).length;
      expect(count('activityTaskScheduled')).toBe(count('activityTaskCompleted') + count('activityTaskFailed'));
      expect(names.lastIndexOf('workflowTaskCompleted')).toBeGreaterThan(names.lastIndexOf('activityTaskCompleted'));
    });
    await keep(steward, ticketWorkflowId(ticketId));
  });
}
