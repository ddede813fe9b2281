/** The ways of tickets. */
import assert from 'node:assert/strict';
import { expect, vi } from 'vitest';
import { assignmentDue, type Clicked, type Decide, ticketWorkflowId } from '../../../src/contract.ts';
import { createPresenceStore } from '../../../src/store/presence.ts';
import { useDatabase } from '../../support/database.ts';
import { testFile } from '../../support/files.ts';
import { flowBySubject, smallTeam } from '../../support/flow.ts';
import { startOwnTemporal } from '../../support/own-servers.ts';
import { useProviders } from '../../support/providers.ts';
import { makeRunDirectory, removeRunDirectory } from '../../support/run-directory.ts';
import { envelope, startTestSteward, useSteward } from '../../support/steward.ts';
import { about, answered, entry, escalated, handleOf, historyOf, PATIENCE, until } from '../../workflows/support.ts';
import { way } from '../record.ts';

export function ticketWays(): void {
  const timings = { STEWARD_SOLVE_AFTER_SILENCE_MS: '1000', STEWARD_REOPEN_WINDOW_MS: '1000' };
  const usual = useSteward();
  const quick = useSteward({ settings: () => timings });
  const providers = useProviders();
  const files = { STEWARD_FLOW: flowBySubject(), STEWARD_TEAM: smallTeam() };
  const outside = useSteward({ settings: () => ({ ...providers.settings('ses', 'slack'), ...files }) });
  const analysed = useSteward({
    settings: () => providers.settings('comprehend', 'ses', 'slack', 'statuspage'),
  });
  const database = useDatabase();
  const policies = [{ name: 'at once', firstResponse: '2 s', resolution: '4 s', warnAt: '50%' }];
  const hurried = useSteward({
    settings: () => ({ STEWARD_SLA: testFile('sla.yaml', { policies }), STEWARD_TEAM: smallTeam() }),
  });

  const levels = [
    { call: ['assignee'], wait: '1 s', repeat: 1 },
    { call: ['admins'], wait: '1 s' },
  ];
  const path = { name: 'at once', first: '1 s', lease: '2 s', levels, pagerDuty: 'critical', pageRepeat: 0 };
  const lined = useSteward({
    settings: () => ({
      STEWARD_ESCALATION: testFile('line.yaml', { paths: [{ ...path, first: '1 h', pagerDuty: undefined }] }),
      STEWARD_TEAM: smallTeam(),
      ...providers.settings('slack', 'slackCalls'),
    }),
  });

  const clicking = useSteward({
    settings: () => ({
      STEWARD_ESCALATION: testFile('calm.yaml', { paths: [{ ...path, first: '1 h', pagerDuty: undefined }] }),
      STEWARD_TEAM: smallTeam(),
      ...providers.settings('slack', 'slackCalls'),
    }),
  });

  const work = { name: 'not at work', firstResponse: '1 h', pausedIn: ['inProgress'] };
  const resting = useSteward({
    settings: () => ({ STEWARD_SLA: testFile('work.yaml', { policies: [work] }), STEWARD_TEAM: smallTeam() }),
  });

  way('reference', 'escalated to an agent', async (keep) => {
    await keep(usual, ticketWorkflowId(await escalated(usual)));
  });

  way('new-customer', 'welcomed, and answered by the bot', async (keep) => {
    await keep(usual, ticketWorkflowId(await answered(usual)));
  });

  way('bot-answer-closed', 'solved by silence, closed by the end of the window', async (keep) => {
    const known = await answered(quick);
    const { customerId } = await quick.steward.describe(known);
    const id = await answered(quick, { customerId });
    await handleOf(quick, id).result();
    await keep(quick, ticketWorkflowId(id));
  });

  way('lines', 'a flow with branches, items, variables, JSONata and a branch that fails', async (keep) => {
    const event = envelope({ subject: 'Lines' });
    const { ticketId } = event.detail;
    await outside.post(event);
    await entry(outside, ticketId, 'welcomed');
    await outside.steward.resolve(ticketId, { agentId: 'ana' });
    await keep(outside, ticketWorkflowId(ticketId));
  });
  way(
    'replied',
    'to a bot’s answer, claimed, answered by an agent, and much that is wrong in between',
    async (keep) => {
      const id = await answered(usual);
      const reply = about(id, 'ticket.replied', 'e1', { message: 'That did not help.' });
      for (let i = 0; i < 2; i++) await usual.post(reply);
      await until(usual, id, { state: 'waitingForAgent' });
      await handleOf(usual, id).signal('rated', 'nonsense');
      await handleOf(usual, id).signal('reopened');
      await entry(usual, id, 'ignored', 2);
      await usual.steward.claim(id, { agentId: 'ana' });
      await usual.steward.reply(id, { agentId: 'ana', message: 'Please try again.' });
      await usual.steward.tell(id, 'customerReplied', { message: 'Works now.' });
      await entry(usual, id, 'escalated', 2);
      await keep(usual, ticketWorkflowId(id));
    },
  );

  way('given-on', 'taken, which stops its clock, and given on, by which it goes on; solved', async (keep) => {
    const id = await escalated(resting);
    await resting.steward.claim(id, { agentId: 'ana' });
    const on = { eventId: 'on', by: 'ana', user: 'U0ANA00001', act: 'reassign', to: 'ana', round: 1 } as const;
    await resting.steward.tell(id, 'clicked', on);
    await entry(resting, id, 'reassigned');
    await resting.steward.resolve(id, { agentId: 'ana' });
    await until(resting, id, { state: 'solved' });
    await keep(resting, ticketWorkflowId(id));
  });

  way(
    'clicked',
    'taken by a click in Slack, refused to a stranger, given on, snoozed, noted about, answered and solved by a form',
    async (keep) => {
      const id = await escalated(clicking, { subject: 'Slack' });
      const say = (eventId: string, act: Clicked['act'], more: Partial<Clicked> = {}) =>
        clicking.steward.tell(id, 'clicked', { eventId, by: 'ana', user: 'U0ANA00001', act, round: 1, ...more });
      await say('c1', 'claim', { by: null });
      await say('c2', 'claim');
      await vi.waitFor(
        () => assert(providers.slack.messages.some(({ text }) => text.includes('Claimed by'))),
        PATIENCE,
      );
      await say('c3', 'reassign', { to: 'ana' });
      await entry(clicking, id, 'escalated', 2);
      await say('c4', 'snooze', { round: 2, minutes: 15 });
      await say('c5', 'note', { round: 2, message: 'Between us.' });
      await entry(clicking, id, 'noted');
      await say('c6', 'replyAndSolve', { round: 2, message: 'It works again.' });
      await until(clicking, id, { state: 'solved' });
      await vi.waitFor(
        () => assert(providers.slack.messages.filter(({ text }) => text.includes('Solved by')).length === 1),
        PATIENCE,
      );
      await keep(clicking, ticketWorkflowId(id));
    },
  );

  way('decided', 'taken by the link in a mail, refused to who was later, answered and solved there', async (keep) => {
    const id = await escalated(usual);
    const say = (by: string, act: Decide['act'], message?: string) =>
      usual.steward.decide(id, { by, act, round: 1, ...(message === undefined ? {} : { message }) }, `${by}-${act}`);
    await say('ana', 'claim');
    await assert.rejects(say('ben', 'reply', 'Too late.'), { code: 'DecisionDenied' });
    await say('ana', 'replyAndSolve', 'It works again.');
    await until(usual, id, { state: 'solved' });
    await keep(usual, ticketWorkflowId(id));
  });

  way('sla-missed', 'warned of, late and told of, answered then, and solved', async (keep) => {
    const id = await escalated(hurried);
    await entry(hurried, id, 'slaBreached', 2);
    await entry(hurried, id, 'delivered', 4);
    await hurried.steward.reply(id, { agentId: 'ana', message: 'It works again.' });
    await hurried.steward.resolve(id, { agentId: 'ana' });
    await until(hurried, id, { state: 'solved' });
    await keep(hurried, ticketWorkflowId(id));
  });

  way('sla-kept', 'under a clock that stands still with the customer, and is kept', async (keep) => {
    const id = await answered(usual);
    await usual.post(about(id, 'ticket.replied', 'e1', { message: 'That did not help.' }));
    await until(usual, id, { state: 'waitingForAgent' });
    await usual.steward.reply(id, { agentId: 'ana', message: 'Please try again.' });
    await usual.steward.resolve(id, { agentId: 'ana' });
    await until(usual, id, { state: 'solved' });
    await keep(usual, ticketWorkflowId(id));
  });

  way('reopened-closed', 'resolved, rated, reopened, resolved again, closed', async (keep) => {
    const id = await escalated(quick);
    await quick.steward.resolve(id, { agentId: 'ana' });
    await quick.steward.rate(id, { score: 2 });
    await quick.steward.tell(id, 'reopened', {});
    await until(quick, id, { state: 'waitingForAgent', episode: 2 });
    await quick.steward.resolve(id, { agentId: 'ana' });
    await handleOf(quick, id).result();
    await keep(quick, ticketWorkflowId(id));
  });

  way('held-events', 'early ones, one of them unlawful', async (keep) => {
    const event = envelope();
    const id = event.detail.ticketId;
    await usual.post(about(id, 'ticket.replied', 'e1', { message: 'PS' }));
    await usual.post(about(id, 'ticket.reopened', 'e2'));
    await usual.post(event);
    await entry(usual, id, 'customerReplied');
    await until(usual, id, { state: 'waitingForAgent' });
    await keep(usual, ticketWorkflowId(id));
  });

  way('invalid', 'an envelope that is none', async (keep) => {
    const { workflow } = usual.temporal.client;
    const options = { workflowId: 'ticket-invalid', taskQueue: usual.taskQueue, args: [{ detail: 7 }] };
    await workflow.execute('supportTicket', options).catch(() => {});
    await keep(usual, ticketWorkflowId('invalid'));
  });

  way('parked-retry', 'Slack fails four times, an operator says retry', async (keep) => {
    providers.slack.failNext('500', { action: 'chat.postMessage' }, 4);
    const event = envelope({ subject: 'Escalate', customerEmail: 'ada@customer.example' });
    const id = event.detail.ticketId;
    await outside.post(event);
    await entry(outside, id, 'parked');
    await vi.waitFor(() => outside.steward.operate(id, 'retry', {}), PATIENCE);
    await until(outside, id, { state: 'waitingForAgent', parked: [] });
    await keep(outside, ticketWorkflowId(id));
  });

  way('waited-out', 'Slack fails once, and the flow tries again after its pause', async (keep) => {
    providers.slack.failNext('500', { action: 'chat.postMessage' });
    const id = await escalated(outside, { subject: 'Escalate', customerEmail: 'ada@customer.example' });
    const asked = () => providers.slack.asked.filter(({ action }) => action === 'chat.postMessage');
    await vi.waitFor(() => expect(asked()).toHaveLength(2), PATIENCE);
    await vi.waitFor(async () => {
      const names = await historyOf(outside, id);
      expect(names.lastIndexOf('workflowTaskCompleted')).toBeGreaterThan(names.lastIndexOf('activityTaskCompleted'));
      expect(names.lastIndexOf('activityTaskCompleted')).toBeGreaterThan(names.lastIndexOf('timerFired'));
    }, PATIENCE);
    await keep(outside, ticketWorkflowId(id));
  });

  way('providers', 'Comprehend fails once, then all of them answer', async (keep) => {
    providers.aws.failNext('500', { action: 'DetectSentiment' });
    const id = await escalated(analysed, { message: 'This is a terrible, awful, useless product. I hate it.' });
    await keep(analysed, ticketWorkflowId(id));
  });

  way('database-away', 'the quick way fails, the patient one goes on', async (keep) => {
    const id = await escalated(usual);
    const { tickets } = usual.composed.deps;
    const { take } = tickets;
    let failures = 2;
    const flaky: typeof take = async (...args) => {
      if (failures-- > 0) throw new Error('connection refused');
      return take(...args);
    };
    Object.assign(tickets, { take: flaky });
    await usual.steward.claim(id, { agentId: 'ana' });
    Object.assign(tickets, { take });
    await keep(usual, ticketWorkflowId(id));
  });

  way('encrypted', 'as every history is, with a reply and a claim', async (keep) => {
    const id = await escalated(usual);
    await usual.steward.tell(id, 'customerReplied', { message: 'Well?' });
    await entry(usual, id, 'customerReplied');
    await usual.steward.claim(id, { agentId: 'ana' });
    await keep(usual, ticketWorkflowId(id));
  });

  way('undelivered', 'a mail to the customer that came back, and one to the agent who was told of it', async (keep) => {
    const id = await escalated(usual, { customerEmail: 'mira@customer.example' });
    const deliveries = usual.owner.selectFrom('deliveries').select('id').where('ticket_id', '=', id).orderBy('id');
    const failed = async (template: string) => {
      const { id: deliveryId } = await deliveries.where('template', '=', template).executeTakeFirstOrThrow();
      await usual.steward.tell(id, 'deliveryFailed', { deliveryId, outcome: 'bounced', source: 'ses' });
    };
    await failed('handed-over');
    await entry(usual, id, 'undelivered');
    await failed('undelivered');
    await entry(usual, id, 'undelivered', 2);
    await keep(usual, ticketWorkflowId(id));
  });

  way('stranger-replied', 'a mail to the customer that somebody else answered, heard of twice', async (keep) => {
    const id = await escalated(usual, { customerEmail: 'mira@customer.example' });
    const said = { otherTicketId: 'MAIL-0123456789abcdef', source: 'steward.mail', eventId: 'a' };
    for (let i = 0; i < 2; i++) await usual.steward.tell(id, 'strangerReplied', said);
    await entry(usual, id, 'strangerReplied');
    const mail = { messageId: '<second@customer.example>', newWords: 'Any news?' };
    await usual.steward.tell(id, 'customerReplied', { message: 'Any news?\n> No.', mail });
    await entry(usual, id, 'customerReplied');
    await keep(usual, ticketWorkflowId(id));
  });

  way(
    'given-back',
    'nobody has room, then somebody has; who goes off, and it waits again, told twice',
    async (keep) => {
      const presence = createPresenceStore(lined.owner, { kind: 'system', id: 'test' });
      const tell = async () => {
        for (const { ticketId, eventId, off } of await lined.composed.assignmentsDue.look()) {
          const said = { source: 'assignment', eventId, ...(off === null ? {} : { off }) };
          for (let i = 0; i < 2; i++) await handleOf(lined, ticketId).signal(assignmentDue, said);
        }
      };
      await presence.set('ana', 'away');
      const id = await escalated(lined);
      await presence.set('ana', 'available');
      await tell();
      await until(lined, id, { assigneeId: 'ana' });
      await lined.steward.claim(id, { agentId: 'ana' });
      await presence.set('ana', 'off');
      await tell();
      await entry(lined, id, 'escalated', 3);
      await until(lined, id, { state: 'waitingForAgent', assigneeId: null });
      await keep(lined, ticketWorkflowId(id));
    },
  );

  way('continued', 'a later run of a long history', async (keep) => {
    const dir = await makeRunDirectory();
    const temporal = await startOwnTemporal(dir, ['limit.historyCount.suggestContinueAsNew=40']);
    const settings = () => ({ TEMPORAL_ADDRESS: temporal.address });
    const steward = await startTestSteward(database.url, { settings });
    try {
      const id = await escalated(steward);
      const first = (await handleOf(steward, id).describe()).runId;
      for (let i = 1; (await handleOf(steward, id).describe()).runId === first; i++) {
        await steward.steward.tell(id, 'customerReplied', { message: `Reply ${i}` });
        await entry(steward, id, 'escalated', i + 1);
      }
      await steward.steward.claim(id, { agentId: 'ana' });
      await keep(steward, ticketWorkflowId(id));
    } finally {
      await steward.stop();
      await temporal.current.stop();
      await removeRunDirectory(dir);
    }
  });
}
