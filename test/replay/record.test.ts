/** Not a test: records the histories that `replay.test.ts` follows. README.md beside says when, and how. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { beforeAll, describe, it, vi } from 'vitest';
import { ticketWorkflowId } from '../../src/contract.ts';
import { useDatabase } from '../support/database.ts';
import { flowBySubject, smallTeam } from '../support/flow.ts';
import { startOwnTemporal } from '../support/own-servers.ts';
import { useProviders } from '../support/providers.ts';
import { makeRunDirectory, removeRunDirectory } from '../support/run-directory.ts';
import { envelope, startTestSteward, type TestSteward, useSteward } from '../support/steward.ts';
import { about, answered, entry, escalated, handleOf, PATIENCE, until } from '../workflows/support.ts';
import { HISTORIES } from './histories.ts';
import { KEYS, storedKeys } from './keys.ts';

const RECORD = process.env.STEWARD_RECORD === 'on';

describe.runIf(RECORD)('recording', () => {
  beforeAll(async () => {
    await rm(HISTORIES, { recursive: true, force: true });
    await mkdir(HISTORIES, { recursive: true });
    await writeFile(KEYS, '{}');
  });
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

  it('reference: escalated to an agent', async () => {
    await record('reference', usual, await escalated(usual));
  });

  it('new-customer: welcomed, and answered by the bot', async () => {
    await record('new-customer', usual, await answered(usual));
  });

  it('bot-answer-closed: solved by silence, closed by the end of the window', async () => {
    const known = await answered(quick);
    const { customerId } = await quick.steward.describe(known);
    const id = await answered(quick, { customerId });
    await handleOf(quick, id).result();
    await record('bot-answer-closed', quick, id);
  });

  it('replied: to a bot’s answer, claimed, answered by an agent, and much that is wrong in between', async () => {
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
    await record('replied', usual, id);
  });

  it('reopened-closed: resolved, rated, reopened, resolved again, closed', async () => {
    const id = await escalated(quick);
    await quick.steward.resolve(id, { agentId: 'ana' });
    await quick.steward.rate(id, { score: 2 });
    await quick.steward.tell(id, 'reopened', {});
    await until(quick, id, { state: 'waitingForAgent', episode: 2 });
    await quick.steward.resolve(id, { agentId: 'ana' });
    await handleOf(quick, id).result();
    await record('reopened-closed', quick, id);
  });

  it('held-events: early ones, one of them unlawful', async () => {
    const event = envelope();
    const id = event.detail.ticketId;
    await usual.post(about(id, 'ticket.replied', 'e1', { message: 'PS' }));
    await usual.post(about(id, 'ticket.reopened', 'e2'));
    await usual.post(event);
    await entry(usual, id, 'customerReplied');
    await until(usual, id, { state: 'waitingForAgent' });
    await record('held-events', usual, id);
  });

  it('invalid: an envelope that is none', async () => {
    const { workflow } = usual.temporal.client;
    const options = { workflowId: 'ticket-invalid', taskQueue: usual.taskQueue, args: [{ detail: 7 }] };
    await workflow.execute('supportTicket', options).catch(() => {});
    await record('invalid', usual, 'invalid');
  });

  it('parked-retry: Slack fails four times, an operator says retry', async () => {
    providers.slack.failNext('500', { action: 'chat.postMessage' }, 4);
    const event = envelope({ subject: 'Escalate', customerEmail: 'ada@customer.example' });
    const id = event.detail.ticketId;
    await outside.post(event);
    await entry(outside, id, 'parked');
    await vi.waitFor(() => outside.steward.operate(id, 'retry', {}), PATIENCE);
    await until(outside, id, { state: 'waitingForAgent', parked: [] });
    await record('parked-retry', outside, id);
  }, 60_000);

  it('providers: Comprehend fails once, then all of them answer', async () => {
    providers.aws.failNext('500', { action: 'DetectSentiment' });
    const id = await escalated(analysed, { message: 'This is a terrible, awful, useless product. I hate it.' });
    await record('providers', analysed, id);
  });

  it('database-away: the quick way fails, the patient one goes on', async () => {
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
    await record('database-away', usual, id);
  });

  it('encrypted: as every history is, with a reply and a claim', async () => {
    const id = await escalated(usual);
    await usual.steward.tell(id, 'customerReplied', { message: 'Well?' });
    await entry(usual, id, 'customerReplied');
    await usual.steward.claim(id, { agentId: 'ana' });
    await record('encrypted', usual, id);
  });

  it('continued: a later run of a long history', async () => {
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
      await record('continued', steward, id);
    } finally {
      await steward.stop();
      await temporal.current.stop();
      await removeRunDirectory(dir);
    }
  }, 60_000);
});

async function record(name: string, steward: TestSteward, ticketId: string): Promise<void> {
  const history = await handleOf(steward, ticketId).fetchHistory();
  const { id, secret } = await steward.composed.ring.toSeal(ticketWorkflowId(ticketId));
  const kept = { id, secret: secret.export().toString('base64') };
  const keys = { ...storedKeys(), [ticketWorkflowId(ticketId)]: kept };
  await writeFile(KEYS, `${JSON.stringify(keys, null, 1)}\n`);
  await writeFile(`${HISTORIES}${name}.json`, `${JSON.stringify(plain(history), null, 1)}\n`);
}

/** Replay needs none of it, and it tells where the history was recorded. */
const PLACES = new Set(['stackTrace', 'identity', 'hostname', 'binaryChecksum', 'buildId']);

/**
 * As the replaying worker takes it: numbers for 64-bit integers and enums, Base64 for bytes. The SDK's own JSON needs one copy of
 * protobufjs in the whole tree, which is npm's to grant.
 */
function plain(value: unknown): unknown {
  // A worker's own queue bears its process id and the name of its machine.
  if (typeof value === 'string') return value.replace(/^\d+@.*-[0-9a-f]{32}$/, 'a-worker');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if ('low' in value && 'high' in value && 'toNumber' in value) return Number(value.toString());
  const kept = Object.entries(value).filter(([key, one]) => !PLACES.has(key) && one !== null);
  return Object.fromEntries(kept.map(([key, one]) => [key, plain(one)]));
}
