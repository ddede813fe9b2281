import type { ErasureOperations } from '../client.ts';
import type { Asked } from '../domain/erase.ts';
import { sayNext } from '../domain/erase-next.ts';
import { StewardError, sayProblems } from '../domain/errors.ts';
import { newErasureId } from '../erasure-requests.ts';
import { sayErasure } from '../http/erasure-view.ts';
import { parseErasure } from '../schema/erasure.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable, sayTime } from './say.ts';

export interface EraseOptions extends JsonOption {
  readonly customer?: string;
  readonly preview?: boolean;
  readonly reapply?: boolean;
  readonly vouchedBy?: string;
}

/** `steward erase ADDRESS`: asks for a person, as the form does; with `--preview` it only tells what would go and what would stay. */
export async function erase(context: Context, address: string | undefined, options: EraseOptions): Promise<void> {
  if (options.reapply) return reapply(context, options);
  const asked = askedOf(address, options.customer);
  if (options.preview) return preview(context, asked, options);
  const { requests, links, identify } = await context.erasures();
  const requestId = newErasureId();
  const vouches = options.vouchedBy !== undefined;
  try {
    // Who asks for themself by this command is shown as well: they must not be who approves.
    const by = await identify(options.vouchedBy);
    await requests.ask({ requestId, asked, via: 'cli', by, vouches });
  } catch (error) {
    throw inWordsOfOptions(error, requestId, vouches ? '--vouched-by' : '--officer');
  }
  const page = links.erasurePage(requestId);
  if (options.json) return sayJson(context, { requestId, page });
  context.out(`Request ${requestId} is taken.\n`);
  context.out(
    vouches
      ? `Another privacy officer has to approve it, with an API key of their own: npx steward erasure approve ${requestId}\n`
      : `A code goes to the address on file, if there is one. It is entered here: ${page}\n`,
  );
}

async function preview(context: Context, asked: Asked, options: JsonOption): Promise<void> {
  const { preview: look } = await context.erasures();
  const preview = await look(asked, new Date(context.now()));
  if (options.json) return sayJson(context, preview);
  const { reference, verdict, approval, lines } = preview;
  const logged = `Nothing was changed. The audit log has this look as ${reference}.\n`;
  if (verdict === 'nobody') return context.out(`We hold nothing of this person.\n${logged}`);
  const rows = lines.map(({ store, category, count, fate, until, why, statute }) => [
    store,
    category,
    String(count),
    fate,
    until?.slice(0, 10) ?? '',
    statute === undefined ? why : `${why} (${statute})`,
  ]);
  context.out(`${sayTable([['STORE', 'CATEGORY', 'COUNT', 'WOULD BE', 'UNTIL', 'WHY'], ...rows])}\n\n`);
  if (approval) context.out('A privacy officer would have to approve it first.\n');
  context.out(logged);
}

async function reapply(context: Context, options: JsonOption): Promise<void> {
  const { reapply: again } = await context.erasures();
  const done = await again();
  if (options.json) return sayJson(context, done);
  if (done.length === 0) return context.out('This database knows of every erasure in the ledger.\n');
  for (const { requestId, rows, keys } of done) {
    context.out(`${requestId}: done again, ${rows} rows emptied, ${keys} keys destroyed\n`);
  }
}

export async function listErasures(context: Context, options: JsonOption & { readonly all?: boolean }): Promise<void> {
  const { list } = await context.erasures();
  const rows = await list({ all: options.all ?? false });
  if (options.json) return sayJson(context, rows);
  if (rows.length === 0)
    return context.out(
      options.all ? 'No erasure requests yet.\n' : 'No open erasure requests; --all shows ended ones.\n',
    );
  const cells = rows.map((r) => [
    r.id,
    r.state,
    r.outcome ?? '',
    sayTime(r.receivedAt),
    sayTime(r.dueAt),
    r.erasedAt === null ? '' : sayTime(r.erasedAt),
    r.openRecipients.join(', '),
  ]);
  context.out(
    `${sayTable([['REQUEST', 'STATE', 'OUTCOME', 'RECEIVED (UTC)', 'DUE (UTC)', 'ERASED (UTC)', 'NOT YET TOLD'], ...cells])}\n`,
  );
}

export async function showErasure(context: Context, id: string, options: JsonOption): Promise<void> {
  const { requests, client, steps, findings } = await context.erasures();
  const found = await requests.look(id);
  if (found === null)
    throw new StewardError('InvalidRequest', `no erasure request ${id}; see \`npx steward erasure list --all\``);
  const running = found.row.endedAt === null ? await client.describeErasure(id).catch(() => null) : null;
  const shown = {
    ...sayErasure(found),
    code: found.code,
    parked: running?.parked ?? [],
    waitingFor: running?.waitingFor ?? null,
    steps: await steps(id),
    findings: await findings(id),
  };
  if (options.json) return sayJson(context, shown);
  const { state, outcome, receivedAt, dueAt, kept, recipients, parked } = shown;
  context.out(`${id}  ${state}${outcome === null ? '' : ` (${outcome})`}\n`);
  context.out(`received ${sayTime(receivedAt)}, due ${sayTime(dueAt)}${shown.extended ? ' (extended)' : ''}\n`);
  if (shown.supersededBy !== null)
    context.out(`${shown.supersededBy} goes on in its place: the person has proved it\n`);
  if (found.code === 'triesOver' || found.code === 'timeOver') context.out(`${CODE_OVER[found.code]}\n`);
  if (shown.waitingFor !== null) context.out(`waits for ${shown.waitingFor}\n`);
  if (shown.erasedAt !== null) {
    const open = shown.endedAt === null ? '; only looking again is open' : '';
    context.out(`erased ${sayTime(shown.erasedAt)}: ${shown.erased.join(', ')}${open}\n`);
  }
  for (const step of parked) context.out(`parked: ${step.step}, ${step.error}: ${step.cause}\n`);
  for (const one of kept)
    context.out(`kept: ${one.category}, ${one.why}${one.until ? `, until ${one.until.slice(0, 10)}` : ''}\n`);
  for (const one of recipients) context.out(`recipient: ${one.recipient}, ${one.status}\n`);
  for (const one of shown.findings) {
    const when = one.look === 'atOnce' ? 'at once' : 'after the window';
    context.out(`found ${when}: ${one.store}/${one.place}, ${one.kind}, ${one.count ?? 'at least 1'} times\n`);
  }
  for (const step of shown.steps) context.out(`done: ${step.step}  ${step.at}  ${JSON.stringify(step.receipt)}\n`);
}

const NEW_REQUEST = 'the person has to ask anew, by the form or `npx steward erase`: a new request has a new code';
const CODE_OVER = {
  triesOver: `code: its tries are used up; ${NEW_REQUEST}`,
  timeOver: `code: its time is over; ${NEW_REQUEST}`,
} as const;

/** What an officer or operator says to a running erasure, and what follows from it. `officer`: their label, which never stands alone. */
export async function ruleErasure<K extends keyof ErasureOperations>(
  context: Context,
  id: string,
  act: K,
  said: Omit<ErasureOperations[K], 'by'>,
  { officer, json }: JsonOption & { readonly officer?: string },
): Promise<void> {
  const { client, identify, requests } = await context.erasures();
  try {
    const by = await identify(officer);
    const decision = (await requests.look(id))?.row.decision ?? null;
    const { dueAt, parked } = await client.operateErasure(id, act, { ...said, by } as ErasureOperations[K]);
    const next = sayNext(act, { decision, dueAt, ...said });
    if (json) return sayJson(context, { requestId: id, next, dueAt, parked });
    context.out(`${id}: ${next}.\n`);
    context.out(`npx steward erasure show ${id} tells where it stands.\n`);
  } catch (error) {
    throw inWordsOfOptions(error, id);
  }
}

/** Names the option in the place of the field, and the command that shows more where the error itself names no mend. */
function inWordsOfOptions(error: unknown, id: string, label = '--officer'): unknown {
  if (!(error instanceof StewardError)) return error;
  const options: Readonly<Record<string, string>> = {
    vouchedBy: '--vouched-by',
    officer: label,
    reason: '--reason',
    by: 'STEWARD_OFFICER_KEY',
  };
  const said = error.message.replace(/^\w+(?=: )/, (field) => options[field] ?? field);
  const more =
    said === error.message && error.code !== 'InvalidConfig' ? `; see \`npx steward erasure show ${id}\`` : '';
  // What is said of NotParked elsewhere leads to the tickets' parked steps.
  return new StewardError(error.code === 'NotParked' ? 'UnlawfulTransition' : error.code, `${said}${more}`, {
    problems: error.problems,
    cause: error,
  });
}

/** @throws StewardError InvalidRequest */
function askedOf(address: string | undefined, customer: string | undefined): Asked {
  const parsed = parseErasure({
    ...(address ? { email: address } : {}),
    ...(customer ? { customerId: customer } : {}),
  });
  if ('problems' in parsed) {
    const problems = parsed.problems.map((p) => ({ ...p, field: p.field === 'email' ? 'ADDRESS' : '--customer' }));
    throw new StewardError('InvalidRequest', sayProblems(problems), { problems });
  }
  return parsed.asked;
}
