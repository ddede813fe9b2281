import { setTimeout as sleep } from 'node:timers/promises';
import type { EndpointLine, MessageLine, WebhookSelection } from '../compose-operator.ts';
import { StewardError } from '../domain/errors.ts';
import { isWebhookStatus, WEBHOOK_STATUSES } from '../domain/webhook.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayAgo, sayTable, sayTime } from './say.ts';

/** Every endpoint and how it is doing. */
export async function listWebhooks(context: Context, options: JsonOption): Promise<void> {
  const { webhooks } = await context.operator();
  const lines = await webhooks.endpoints();
  if (options.json) return sayJson(context, lines);
  if (lines.length === 0) return context.out('Nobody is told of tickets: policies/webhooks.yaml names no endpoint.\n');
  const now = context.now();
  const ago = (iso: string | null) => (iso === null ? '-' : sayAgo(iso, now));
  const rows = lines.map((line) => [
    line.name,
    sayState(line, now),
    String(line.waiting),
    ago(line.oldestWaiting),
    String(line.failed),
    ago(line.lastSuccess),
    line.lastFailure === null ? '-' : `${sayAgo(line.lastFailure, now)}: ${line.reason ?? ''}`,
  ]);
  const head = ['ENDPOINT', 'CIRCUIT', 'WAITING', 'OLDEST', 'GIVEN UP', 'LAST TAKEN', 'LAST FAILURE'];
  context.out(`${sayTable([head, ...rows])}\n`);
}

function sayState({ standing, since, probeAt }: EndpointLine, now: number): string {
  if (standing === 'closed' || standing === 'removed' || since === null) return standing;
  if (standing === 'disabled') return `disabled ${sayAgo(since, now)}`;
  const seconds = Math.max(0, Math.ceil((Date.parse(probeAt ?? '') - now) / 1000));
  return `open since ${sayAgo(since, now)}, probe in ${seconds} s`;
}

export interface MessagesOptions extends JsonOption {
  readonly status?: string;
  readonly limit: number;
}

/** An endpoint's messages, the newest first. @throws StewardError InvalidRequest */
export async function listMessages(context: Context, endpoint: string, options: MessagesOptions): Promise<void> {
  const { status, limit } = options;
  if (status !== undefined && !isWebhookStatus(status)) {
    throw new StewardError('InvalidRequest', `--status takes one of ${WEBHOOK_STATUSES.join(', ')}`);
  }
  const lines = await (await context.operator()).webhooks.messages(endpoint, limit, status);
  if (options.json) return sayJson(context, lines);
  context.out(lines.length === 0 ? 'There are none.\n' : `${sayMessages(lines)}\n`);
}

function sayMessages(lines: readonly MessageLine[]): string {
  const rows = lines.map((line) => [
    line.messageId,
    String(line.sequence),
    line.type,
    line.ticketId ?? '-',
    sayTime(line.at),
    line.status,
    String(line.attempts),
    line.reason ?? '',
  ]);
  return sayTable([['MESSAGE', 'SEQUENCE', 'TYPE', 'TICKET', 'AT (UTC)', 'STATUS', 'FAILED', 'WHY'], ...rows]);
}

export interface RedeliverOptions extends JsonOption {
  readonly endpoint?: string;
  readonly since?: Date;
  readonly failed?: boolean;
  readonly preview?: boolean;
}

/** Sends again what was sent, or given up, under the ids that it had. @throws StewardError InvalidRequest */
export async function redeliver(
  context: Context,
  messageId: string | undefined,
  options: RedeliverOptions,
): Promise<void> {
  const selection = selectionOf(messageId, options);
  const { webhooks } = await context.operator();
  if (options.preview) {
    const lines = await webhooks.selected(selection);
    if (options.json) return sayJson(context, { wouldRedeliver: lines });
    if (lines.length > 0) context.out(`${sayMessages(lines)}\n\n`);
    return context.out(`These ${lines.length} would be sent again. Nothing was done.\n`);
  }
  const redelivered = await webhooks.redeliver(selection);
  if (options.json) return sayJson(context, { redelivered });
  context.out(`${redelivered} sent again, as far as the circuit lets them. How it goes: npx steward webhook list\n`);
}

function selectionOf(messageId: string | undefined, options: RedeliverOptions): WebhookSelection {
  const { endpoint, since, failed } = options;
  if (messageId !== undefined && endpoint === undefined && since === undefined) return { messageId };
  if (messageId === undefined && endpoint !== undefined && since !== undefined) {
    return { endpoint, since, failedOnly: failed ?? false };
  }
  throw new StewardError('InvalidRequest', 'name one message, or --endpoint and --since');
}

const TEST_PATIENCE_MS = 30_000;

/** Sends a message that says only that it is a test, the way of every message, and waits for what comes of it. */
export async function testWebhook(context: Context, endpoint: string, options: JsonOption): Promise<{ ok: boolean }> {
  const { webhooks } = await context.operator();
  const messageId = await webhooks.test(endpoint);
  const until = context.now() + TEST_PATIENCE_MS;
  let line = await webhooks.message(messageId);
  while (line !== null && line.status === 'pending' && line.reason === null && context.now() < until) {
    await sleep(200);
    line = await webhooks.message(messageId);
  }
  const ok = line?.status === 'sent';
  if (options.json) sayJson(context, { messageId, ok, status: line?.status ?? null, reason: line?.reason ?? null });
  else if (ok) context.out(`${endpoint} took message ${messageId}.\n`);
  else if (line?.reason) context.out(`${endpoint} did not take message ${messageId}: ${line.reason}.\n`);
  else context.out(`Message ${messageId} still waits: does a worker run that read this endpoint at its start?\n`);
  return { ok };
}

/** Takes back that the receiver is gone, and closes the circuit. */
export async function enableWebhook(context: Context, endpoint: string, options: JsonOption): Promise<void> {
  await (await context.operator()).webhooks.enable(endpoint);
  if (options.json) return sayJson(context, { endpoint, enabled: true });
  context.out(`${endpoint} is told again from now on. What happened while it was disabled is not made up for.\n`);
}
