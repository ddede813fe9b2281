import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client as Pg } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findMarks, type Hit, spellings } from '../support/marks.ts';
import { outcome } from '../support/outcome.ts';
import { type OwnPostgres, type OwnTemporal, startOwnPostgres, startOwnTemporal } from '../support/own-servers.ts';
import { useProviders } from '../support/providers.ts';
import { makeRunDirectory, removeRunDirectory } from '../support/run-directory.ts';
import { startTestSteward, type TestSteward } from '../support/steward.ts';
import { askByForm, codeOf, hurried, post, routed, row } from './support.ts';

/*
 * One person with marks in every field that a person's words or names can come into goes every way there is, and is erased. Afterwards
 * nothing of them is found: not in the rows of either database, not in files and logs, and, after compaction, not in the raw data.
 */

const TAG = randomBytes(4).toString('hex');
const mark = (field: string) => `canary${field}${TAG}`;
const EMAIL = `${mark('mail')}@birds.example`;
const NAME = mark('name');
const PHONE = '+49 151 77733388';
const CUSTOMER = mark('customer');
const WORDS = ['subject', 'message', 'reply', 'agentreply', 'form', 'post', 'held', 'subject2'].map(mark);
const MARKS = [EMAIL, NAME, PHONE, CUSTOMER, ...WORDS];
const wanted = spellings(MARKS);

const providers = useProviders();
const own = {} as {
  dir: string;
  postgres: OwnPostgres;
  temporal: OwnTemporal;
  steward: TestSteward & { stop(): Promise<void> };
};

beforeAll(async () => {
  own.dir = await makeRunDirectory();
  own.postgres = await startOwnPostgres(own.dir);
  own.temporal = await startOwnTemporal(own.dir, ['history.transferProcessorUpdateAckInterval="1s"']);
  own.steward = await startTestSteward(own.postgres.url, {
    settings: () => ({ ...providers.settings('ses', 'slack', 'comprehend'), TEMPORAL_ADDRESS: own.temporal.address }),
    privacy: hurried,
  });
}, 120_000);
afterAll(async () => {
  await own.postgres.current.stop().catch(() => {});
  await own.temporal.current.stop().catch(() => {});
  await removeRunDirectory(own.dir);
});

test('T2: nothing is left of a person who went every way there is and was erased', { timeout: 240_000 }, async () => {
  const { steward } = own;
  const tickets = await goEveryWay(steward);

  const before = await logicalDump();
  // The search finds what is there: else finding nothing would mean nothing.
  expect(unfound(before)).toEqual([]);
  expect(await rawHits(join(own.dir, 'temporal.db'), 'temporal')).toEqual([]);
  expect(findMarks('slack', Buffer.from(JSON.stringify(providers.slack.messages)), wanted)).not.toEqual([]);

  const { requestId, path } = await askByForm(steward, EMAIL);
  const code = await codeOf(providers, requestId);
  expect((await post(steward, path, { code })).status).toBe(303);
  const erased = await outcome(async () => {
    const found = await row(steward, requestId);
    if (found.ended_at === null) throw new Error(`still ${found.state}`);
    return found;
  });
  expect(erased.outcome).toBe('erased');

  expect(await logicalDump()).toEqual(expect.objectContaining({ hits: [] }));
  expect(await historyHits(tickets)).toEqual([]);
  expect(await rawHits(steward.stateDir, 'files')).toEqual([]);
  expect(findMarks('slack', Buffer.from(JSON.stringify(providers.slack.messages)), wanted)).toEqual([]);

  await compact();
  await steward.stop();
  await own.postgres.current.stop();
  await own.temporal.current.stop();
  expect(await rawHits(own.dir, 'raw')).toEqual([]);
});

/** Ticket ids of all that came. */
async function goEveryWay(steward: TestSteward): Promise<string[]> {
  const id = `TKT-${TAG}`;
  const head = { source: 'support.platform' };
  // Before its ticket: held, with its words.
  const early = {
    ...head,
    id: `e-${TAG}`,
    'detail-type': 'ticket.replied',
    detail: { ticketId: id, message: mark('held'), by: 'customer' },
  };
  expect((await steward.post(early)).status).toBe(202);
  // Mail fails for a while, and says whom it was for.
  providers.aws.failNext('500', { action: 'SendRawEmail' }, 2);
  const detail = {
    ticketId: id,
    customerId: CUSTOMER,
    subject: `Login ${mark('subject')}`,
    message: `I can't log in. ${mark('message')}, call ${PHONE}`,
    customerTier: 'premium',
    customerEmail: EMAIL,
    customerName: NAME,
    customerPhone: PHONE,
  };
  expect((await steward.post({ ...head, 'detail-type': 'ticket.created', detail })).status).toBe(202);
  await routed(steward, id);
  await steward.steward.tell(id, 'customerReplied', {
    eventId: 'r1',
    source: 'support.platform',
    message: mark('reply'),
  });
  await steward.steward.claim(id, { agentId: 'ana' });
  await steward.steward.reply(id, { agentId: 'ana', message: `Dear ${NAME}, ${mark('agentreply')}` });

  const form = await (await steward.app.request('/support')).text();
  const token = /name="token" value="([^"]+)"/.exec(form)?.[1] ?? '';
  const written = await post(steward, '/support', {
    token,
    name: NAME,
    email: EMAIL,
    subject: mark('subject2'),
    message: mark('form'),
  });
  expect(written.status).toBe(303);

  const lines = [
    `From: ${NAME} <${EMAIL}>`,
    'Subject: By mail',
    `Message-ID: <${TAG}@birds.example>`,
    '',
    mark('post'),
  ];
  const mailed = await steward.app.request('/v1/email', {
    method: 'POST',
    headers: { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'message/rfc822' },
    body: lines.join('\r\n'),
  });
  expect(mailed.status).toBe(202);

  // Wrong input with words in it fails with an error, which must not repeat them.
  await steward.steward.submit({
    ...head,
    'detail-type': 'ticket.created',
    detail: { ...detail, ticketId: `BAD-${TAG}`, sentimentScore: 7 },
  });
  await outcome(async () => {
    const failed = await steward.temporal.client.workflow.getHandle(`ticket-BAD-${TAG}`).describe();
    expect(failed.status.name).toBe('FAILED');
  });
  return outcome(async () => {
    const rows = await steward.composed.db.selectFrom('tickets').select(['id', 'route']).execute();
    expect(rows).toHaveLength(3);
    for (const ticket of rows) expect(ticket.route).not.toBe('none');
    await allSent(steward);
    return rows.map((ticket) => ticket.id);
  });
}

async function allSent(steward: TestSteward): Promise<void> {
  const rows = await steward.composed.db.selectFrom('deliveries').select('status').execute();
  expect(rows.map(({ status }) => status).filter((status) => status !== 'sent')).toEqual([]);
}

interface Dump {
  readonly hits: readonly Hit[];
}

/** Every row of every table, and what the planner has noted of their contents. */
async function logicalDump(): Promise<Dump> {
  const pg = new Pg({ connectionString: own.postgres.url });
  await pg.connect();
  try {
    await pg.query('analyze');
    const { rows } = await pg.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const hits: Hit[] = [];
    for (const { name } of rows) {
      const found = await pg.query<{ row: string }>(`select to_jsonb(x)::text as row from ${name} x`);
      const binary = await pg.query<{ row: string }>(`select x::text as row from ${name} x`);
      const text = [...found.rows, ...binary.rows].map(({ row }) => row).join('\n');
      hits.push(...findMarks(name, Buffer.from(text), wanted));
    }
    const stats = await pg.query<{ row: string }>(
      `select to_jsonb(s)::text as row from pg_stats s where schemaname = 'public'`,
    );
    hits.push(...findMarks('pg_stats', Buffer.from(stats.rows.map(({ row }) => row).join('\n')), wanted));
    return { hits };
  } finally {
    await pg.end();
  }
}

function unfound({ hits }: Dump): string[] {
  return MARKS.filter((one) => !hits.some((hit) => hit.mark === one));
}

/** All that Temporal's API gives of every workflow that it lists, and of the person's tickets by name. */
async function historyHits(tickets: readonly string[]): Promise<Hit[]> {
  const { client } = own.steward.temporal;
  const hits: Hit[] = [];
  for (const id of tickets)
    await expect(client.workflow.getHandle(`ticket-${id}`).describe()).rejects.toMatchObject({
      name: 'WorkflowNotFoundError',
    });
  for await (const execution of client.workflow.list()) {
    const history = await client.workflow.getHandle(execution.workflowId, execution.runId).fetchHistory();
    hits.push(...findMarks(execution.workflowId, Buffer.from(JSON.stringify([execution.raw, history])), wanted));
  }
  return hits;
}

async function compact(): Promise<void> {
  const pg = new Pg({ connectionString: own.postgres.url });
  await pg.connect();
  try {
    await pg.query('vacuum full');
    await pg.query('analyze');
    for (let round = 0; round < 2; round++) {
      await pg.query('select pg_switch_wal()');
      await pg.query('checkpoint');
    }
  } finally {
    await pg.end();
  }
}

/** Every file below, byte for byte. */
async function rawHits(path: string, where: string): Promise<Hit[]> {
  const hits: Hit[] = [];
  const names = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.length > 0 ? files : [path]) {
    hits.push(...findMarks(`${where}: ${file}`, await readFile(file).catch(() => Buffer.alloc(0)), wanted));
  }
  return hits;
}
