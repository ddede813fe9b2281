import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testFile } from '../support/files.ts';
import { flowBySubject } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { type ReceiverStandIn, startReceiver } from '../support/stand-ins/receiver.ts';
import { healingFile } from '../workflows/healing-support.ts';
import { allRouted, byOutbox, everyWay } from './canary/every-way.ts';
import { compactPostgres, compactSqlite, historyHits, hitsIn, marksOf, rawHits, rowHits } from './canary/look.ts';
import { askedByFlow } from './canary/our-side.ts';
import { CUSTOMER, EMAIL, IN_CLEAR, LABEL, MARKS, mark, NAME, PHONE, SEALED } from './canary/person.ts';
import { beforeKnown, byFlows, withFlows } from './canary/runs.ts';
import { type Scene, startScene } from './canary/scene.ts';
import { askByForm, codeOf, ended, post } from './support.ts';

/*
 * One person with marks in every field that a person's words or names can come into goes every way there is, and is erased. Afterwards
 * nothing of them is found: not in the rows of either database, not in files, logs, metrics and exports of the log, and, after compaction,
 * not in the raw data.
 */

const providers = useProviders();
const held = {} as { scene: Scene; receiver: ReceiverStandIn };
const SECRET = `whsec_${Buffer.from('a secret of 24 bytes or so').toString('base64')}`;

beforeAll(async () => {
  held.receiver = await startReceiver(SECRET);
  held.scene = await startScene();
}, 120_000);
afterAll(() => Promise.all([held.scene?.stop(), held.receiver?.stop()]));

test('T2: nothing is left of a person who went every way there is and was erased', { timeout: 480_000 }, async () => {
  const { scene } = held;
  await scene.play({ STEWARD_COMPREHEND: 'off', STEWARD_FLOW: withFlows(flowBySubject()) });
  await beforeKnown(scene);
  await scene.play({ STEWARD_COMPREHEND: 'off' });
  await byOutbox(scene);
  // Answers as receivers do that hand back what they know of somebody.
  held.receiver.answerNext({ status: 500, body: `${EMAIL} ${mark('endpoint')}` });
  const outside = providers.settings('ses', 'slack', 'slackCalls', 'comprehend', 'pagerDuty');
  const settings = { ...outside, ...awsKeys(), ...toldToo(), STEWARD_HEALING: healingFile() };
  await scene.play(settings);
  await everyWay(scene, providers);
  await scene.play({ ...settings, STEWARD_FLOW: withFlows(flowBySubject()) });
  await askedByFlow(scene);
  await byFlows(scene, providers);
  const tickets = await allRouted(scene, 8);
  const inSlack = () => hitsIn('slack', JSON.stringify(providers.slack.messages));

  // Whom we tell of tickets, and whom we call, never get anything that an erasure would have to take back.
  const { pagerDuty } = providers;
  await outcome(() =>
    expect([held.receiver.told.size, pagerDuty.events.length].map((n) => n > 0)).toEqual([true, true]),
  );
  const toOthers = () => [
    ...hitsIn('webhooks', JSON.stringify(held.receiver.asked)),
    ...hitsIn('pagerDuty', JSON.stringify(pagerDuty.asked)),
  ];

  // The search finds what is there: else finding nothing would mean nothing.
  expect(marksOf(await rowHits(scene))).toEqual([...MARKS].sort());
  expect(marksOf(await rawHits(scene.stateDir, 'outbox'))).toEqual(expect.arrayContaining([EMAIL, NAME]));
  expect(inSlack()).not.toEqual([]);
  const inThread = providers.slack.messages.filter(({ thread_ts }) => thread_ts !== undefined);
  expect(hitsIn('thread', JSON.stringify(inThread))).not.toEqual([]);
  // In Temporal only what was said in clear.
  expect(marksOf(await rawHits(scene.dir, 'temporal.db'))).toEqual(
    [CUSTOMER, EMAIL, LABEL, NAME, PHONE, ...IN_CLEAR].sort(),
  );
  // The officer's copy for the person is theirs to keep or destroy: it goes to standard output, and we have no other.
  const given = hitsIn('export', await scene.command('export-person', EMAIL));
  expect(marksOf(given)).toEqual([...MARKS, ...SEALED].sort());
  // Who has an export of the log has it for good: it is clean from the start.
  const exportedBefore = await scene.command('audit', 'export');
  expect(exportedBefore).toContain('person.exported');

  const { requestId, path } = await askByForm(scene, EMAIL);
  expect((await post(scene, path, { code: await codeOf(providers, requestId) })).status).toBe(303);
  expect((await ended(scene, requestId)).outcome).toBe('erased');

  expect(await rowHits(scene)).toEqual([]);
  expect(await historyHits(scene, tickets)).toEqual([]);
  expect(await rawHits(scene.stateDir)).toEqual([]);
  expect(inSlack()).toEqual([]);
  expect(toOthers()).toEqual([]);
  expect(hitsIn('export before', exportedBefore)).toEqual([]);
  const exportedAfter = await scene.command('audit', 'export');
  expect(exportedAfter).toContain(requestId);
  expect(hitsIn('export after', exportedAfter)).toEqual([]);

  const metrics = await scene.metrics();
  expect(metrics).toContain('supportTicket');
  expect(hitsIn('metrics', metrics)).toEqual([]);
  // Steward itself has none to look into yet.
  expect((await scene.app.request('/metrics')).status).toBe(404);
  const said = scene.said();
  expect(said).toContain('"process":"worker"');
  expect(said).toContain('"process":"gateway"');
  expect(hitsIn('logs', said)).toEqual([]);

  await compactPostgres(scene);
  await scene.stopProcesses();
  await scene.postgres.current.stop();
  await scene.temporal.stop();
  const compacted = await compactSqlite(join(scene.dir, 'temporal.db'));
  const left = await rawHits(scene.dir);
  if (compacted) expect(left).toEqual([]);
  else {
    console.warn('temporal.db was NOT searched: neither sqlite3 nor python3 is here to compact it');
    expect(left.filter(({ where }) => !where.includes('temporal.db'))).toEqual([]);
  }
});

/** An endpoint that is told of every change, and a path that ends in PagerDuty at once. */
function toldToo(): Record<string, string> {
  const endpoints = [{ name: 'helpdesk', url: `${held.receiver.url}/hooks`, secretEnv: 'HELPDESK_SECRET' }];
  const levels = [{ call: ['admins'], wait: '1 s' }];
  return {
    HELPDESK_SECRET: SECRET,
    STEWARD_WEBHOOKS: testFile('webhooks.yaml', { endpoints, retries: ['1 s', '1 s'], timeout: '5 s' }),
    STEWARD_ESCALATION: testFile('escalation.yaml', {
      paths: [{ name: 'all', first: '1 s', lease: '1 h', levels, pagerDuty: 'critical' }],
    }),
  };
}

function awsKeys(): Record<string, string> {
  const { accessKeyId, secretAccessKey } = providers.aws.settings.credentials;
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}
