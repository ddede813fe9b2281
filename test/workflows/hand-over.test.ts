import { describe, expect, it } from 'vitest';
import { testFile } from '../support/files.ts';
import { smallTeam } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { entry, escalated, handleOf, kinds, until } from './support.ts';

const providers = useProviders();
const files = { STEWARD_TEAM: smallTeam() };

describe('a person who has a ticket', () => {
  const steward = useSteward({ settings: () => files });

  it('keeps it while at work, though the customer writes', async () => {
    const id = await escalated(steward);
    await steward.steward.claim(id, { agentId: 'ana' });
    await steward.steward.tell(id, 'customerReplied', { message: 'And another thing.' });
    expect(await entry(steward, id, 'escalated', 2)).toMatchObject({ facts: { agentId: 'ana' } });
    await until(steward, id, { state: 'inProgress', assigneeId: 'ana' });
  });

  it('keeps it though another agent answers at the support platform', async () => {
    const id = await escalated(steward);
    await steward.steward.tell(id, 'agentReplied', { agentId: 'ben', message: 'Hello' });
    await until(steward, id, { state: 'waitingForCustomer', assigneeId: 'ana' });
  });

  it('gives way to one of the team when the team’s file does not know them', async () => {
    const id = await escalated(steward);
    await steward.steward.claim(id, { agentId: 'somebody-who-left' });
    await steward.steward.tell(id, 'customerReplied', { message: 'Are you there?' });
    expect(await entry(steward, id, 'escalated', 2)).toMatchObject({ facts: { agentId: 'ana' } });
    await until(steward, id, { assigneeId: 'ana' });
  });
});

describe('a flow that escalates twice', () => {
  const escalate = (more: object) => ({ Type: 'Task', Resource: 'module:escalateToAgent', ResultPath: null, ...more });
  const twice = testFile('twice.asl.json', {
    StartAt: 'First',
    States: {
      First: escalate({ Next: 'Patience' }),
      Patience: { Type: 'Wait', Seconds: 1, Next: 'Again' },
      Again: escalate({ End: true }),
    },
  });
  const steward = useSteward({ settings: () => ({ ...files, STEWARD_FLOW: twice }) });

  it('tells the agent again when nobody has taken the ticket, and the customer once', async () => {
    const event = envelope({ customerEmail: 'ada@customer.example' });
    const id = event.detail.ticketId;
    await steward.post(event);
    await entry(steward, id, 'escalated', 2);
    await outcome(async () => {
      const told = (await steward.read.deliveries(id)).map(({ occasion, template }) => `${occasion} ${template}`);
      expect(told.sort()).toEqual(['Again#1 escalation', 'First#1 escalation', 'First#1 handed-over']);
    });
  });

  it('leaves a person alone who has taken it', async () => {
    const event = envelope();
    const id = event.detail.ticketId;
    await steward.post(event);
    await until(steward, id, { state: 'waitingForAgent' });
    await steward.steward.claim(id, { agentId: 'ana' });
    const other = envelope();
    await steward.post(other);
    // A ticket that came later has gone all the way, so this one has too.
    await entry(steward, other.detail.ticketId, 'escalated', 2);
    expect((await kinds(steward, id)).filter((kind) => kind === 'escalated')).toHaveLength(1);
    await until(steward, id, { state: 'inProgress' });
  });
});

describe('a person who takes a ticket while its facts are gathered', () => {
  const steward = useSteward({
    settings: () => ({ ...files, ...providers.settings('comprehend'), STEWARD_SENTIMENT_DEADLINE_MS: '2000' }),
  });

  it('keeps it when the flow would escalate it', async () => {
    providers.aws.failNext('timeout', {}, 10);
    const event = envelope();
    const id = event.detail.ticketId;
    await steward.post(event);
    await entry(steward, id, 'received');
    await steward.steward.claim(id, { agentId: 'ana' });
    await entry(steward, id, 'decided');
    await until(steward, id, { state: 'inProgress', route: 'agent', assigneeId: 'ana' });
    expect(await kinds(steward, id)).not.toContain('escalated');
    expect(await steward.read.deliveries(id)).toEqual([]);
  });
});

describe('a signal by a name that nobody knows', () => {
  const steward = useSteward({ settings: () => files });

  it('stands on the timeline as ignored', async () => {
    const id = await escalated(steward);
    await handleOf(steward, id).signal('customerreplied', { message: 'Hello?' });
    expect(await entry(steward, id, 'ignored')).toMatchObject({
      facts: { event: 'customerreplied', why: 'there is no such signal' },
    });
  });
});
