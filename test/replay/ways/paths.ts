/** The ways of tickets for which people are called. */
import assert from 'node:assert/strict';
import { vi } from 'vitest';
import { ticketWorkflowId } from '../../../src/contract.ts';
import { testFile } from '../../support/files.ts';
import { smallTeam } from '../../support/flow.ts';
import { useProviders } from '../../support/providers.ts';
import { useSteward } from '../../support/steward.ts';
import { entry, escalated, PATIENCE, until } from '../../workflows/support.ts';
import { way } from '../record.ts';

export function pathWays(): void {
  const providers = useProviders();
  const levels = [
    { call: ['assignee'], wait: '1 s', repeat: 1 },
    { call: ['admins'], wait: '1 s' },
  ];
  const path = { name: 'at once', first: '1 s', lease: '2 s', levels, pagerDuty: 'critical', pageRepeat: 0 };
  const unpaged = { ...path, name: 'unpaged', when: { tier: 'unpaged' }, lease: '4 s', pagerDuty: undefined };
  const kept = { ...path, name: 'kept', when: { tier: 'kept' }, lease: '1 h' };
  const again = { ...path, name: 'again', when: { tier: 'again' }, pageRepeat: 1 };
  const odd = { subject: 'Parcel', message: 'The parcel smells of fish and I feel odd about it.' };
  const called = useSteward({
    settings: () => ({
      STEWARD_ESCALATION: testFile('escalation.yaml', { paths: [unpaged, kept, again, path] }),
      STEWARD_LOST_ATTEMPT_MS: '4000',
      STEWARD_TEAM: smallTeam(),
      ...providers.settings('slack', 'pagerDuty'),
    }),
  });

  const allResolved = () =>
    vi.waitFor(() => assert(providers.pagerDuty.incidents.every(({ status }) => status === 'resolved')), PATIENCE);

  const calm = { ...path, name: 'calm', when: { priority: 'MEDIUM' }, levels: [{ call: ['admins'], wait: '1 s' }] };
  const worsening = useSteward({
    settings: () => ({
      STEWARD_ESCALATION: testFile('priorities.yaml', {
        paths: [{ ...path, name: 'urgent', when: { priority: 'HIGH' } }, calm],
      }),
      STEWARD_TEAM: smallTeam(),
      ...providers.settings('pagerDuty'),
    }),
  });

  way(
    'path-paged',
    'nobody answers: every level, a mail instead of Slack, PagerDuty twice, then solved',
    async (keep) => {
      providers.slack.failNext('500', { action: 'chat.postMessage' }, 20);
      providers.pagerDuty.failNext('500', { action: 'trigger' });
      const id = await escalated(called);
      await entry(called, id, 'paged');
      await vi.waitFor(() => assert(providers.pagerDuty.incidents.length === 1), PATIENCE);
      await called.steward.claim(id, { agentId: 'ana' });
      await entry(called, id, 'leaseEnded');
      await entry(called, id, 'paged', 2);
      await vi.waitFor(() => assert(providers.pagerDuty.incidents.length === 2), PATIENCE);
      await called.steward.resolve(id, { agentId: 'ana' });
      await allResolved();
      await keep(called, ticketWorkflowId(id));
    },
  );

  way('path-acknowledged', 'taken while PagerDuty’s page is on its way, answered', async (keep) => {
    const held = providers.pagerDuty.hold('trigger');
    const id = await escalated(called);
    await vi.waitFor(() => assert(providers.pagerDuty.asked.length === 1), PATIENCE);
    await called.steward.claim(id, { agentId: 'ana' });
    held.release();
    await vi.waitFor(() => assert(providers.pagerDuty.incidents[0]?.status === 'acknowledged'), PATIENCE);
    await called.steward.reply(id, { agentId: 'ana', message: 'It works again.' });
    await vi.waitFor(() => assert(providers.pagerDuty.incidents[0]?.status === 'resolved'), PATIENCE);
    await keep(called, ticketWorkflowId(id));
  });

  way(
    'path-page-lost',
    'PagerDuty refuses a page, the admins are called, the next one’s answer is lost; taken meanwhile, solved',
    async (keep) => {
      providers.pagerDuty.failNext('500', { action: 'trigger' });
      providers.pagerDuty.failNext('late', { action: 'trigger' });
      const id = await escalated(called, { customerTier: 'kept', ...odd });
      await vi.waitFor(() => assert(providers.pagerDuty.asked.length === 2), PATIENCE);
      await called.steward.claim(id, { agentId: 'ana' });
      await vi.waitFor(() => assert(providers.pagerDuty.incidents[0]?.status === 'acknowledged'), PATIENCE);
      await called.steward.resolve(id, { agentId: 'ana' });
      await vi.waitFor(() => assert(providers.pagerDuty.incidents[0]?.status === 'resolved'), PATIENCE);
      await keep(called, ticketWorkflowId(id));
    },
  );

  way(
    'path-anew',
    'a path without PagerDuty rests at its end; taken and left: its last level is called anew, twice; solved',
    async (keep) => {
      const id = await escalated(called, { customerTier: 'unpaged', ...odd });
      const last = await entry(called, id, 'called', 3);
      await vi.waitFor(() => assert(Date.now() > Date.parse(last?.at ?? '') + 3_000), PATIENCE);
      await called.steward.claim(id, { agentId: 'ana' });
      await entry(called, id, 'called', 4);
      await called.steward.claim(id, { agentId: 'ana' });
      await entry(called, id, 'called', 5);
      await called.steward.resolve(id, { agentId: 'ana' });
      await until(called, id, { state: 'solved' });
      await keep(called, ticketWorkflowId(id));
    },
  );

  way(
    'path-paged-again',
    'nobody says anything after a page: PagerDuty is called again after the lease, and no more; solved',
    async (keep) => {
      const id = await escalated(called, { customerTier: 'again', ...odd });
      await entry(called, id, 'paged', 2);
      await vi.waitFor(() => assert(providers.pagerDuty.incidents.length === 2), PATIENCE);
      await called.steward.resolve(id, { agentId: 'ana' });
      await allResolved();
      await keep(called, ticketWorkflowId(id));
    },
  );

  way(
    'path-unresolved',
    'answered, and PagerDuty does not resolve the incident; the customer writes again, whose page goes before it',
    async (keep) => {
      const id = await escalated(called);
      await vi.waitFor(() => assert(providers.pagerDuty.incidents.length === 1), PATIENCE);
      providers.pagerDuty.failNext('500', { action: 'resolve' }, 100);
      await called.steward.reply(id, { agentId: 'ana', message: 'Like this.' });
      await until(called, id, { state: 'waitingForCustomer' });
      await called.steward.tell(id, 'customerReplied', { message: 'It did not help.' });
      await vi.waitFor(() => assert(providers.pagerDuty.incidents.length === 2), PATIENCE);
      providers.pagerDuty.mend('resolve');
      await called.steward.resolve(id, { agentId: 'ana' });
      await allResolved();
      await keep(called, ticketWorkflowId(id));
    },
  );

  way(
    'path-noted',
    'taken, a note by who took it, then nothing: the lease ends, and the path goes on',
    async (keep) => {
      const id = await escalated(called);
      await called.steward.claim(id, { agentId: 'ana' });
      const note = { act: 'note', round: 1, message: 'Waiting for the carrier.' } as const;
      await called.steward.tell(id, 'clicked', { eventId: 'n1', by: 'ana', user: 'U0ANA00001', ...note });
      await entry(called, id, 'noted');
      await entry(called, id, 'leaseEnded');
      await called.steward.resolve(id, { agentId: 'ana' });
      await until(called, id, { state: 'solved' });
      await keep(called, ticketWorkflowId(id));
    },
  );

  way(
    'path-raised',
    'PagerDuty has the calm path’s page when the customer gets angry; then the urgent one’s',
    async (keep) => {
      const calmly = { subject: 'Parcel', message: 'The parcel is on its way and I look for it.', sentimentScore: 0.2 };
      const id = await escalated(worsening, { customerTier: 'premium', ...calmly });
      await entry(worsening, id, 'paged');
      await vi.waitFor(() => assert(providers.pagerDuty.incidents.length === 1), PATIENCE);
      await worsening.steward.tell(id, 'customerReplied', { message: 'This is terrible, I hate it, the worst ever!' });
      await entry(worsening, id, 'paged', 2);
      await vi.waitFor(() => {
        const said = providers.pagerDuty.incidents.map(({ status }) => status);
        assert.deepEqual(said, ['resolved', 'triggered']);
      }, PATIENCE);
      await worsening.steward.resolve(id, { agentId: 'ana' });
      await allResolved();
      await keep(worsening, ticketWorkflowId(id));
    },
  );
}
