/** `POST /v1/slack/interactions`: what our people do at our messages in Slack. No API key: Slack has none, and signs instead. */
import { Hono } from 'hono';
import type { Clicked } from '../contract.ts';
import { unmetAtFace } from '../domain/ask.ts';
import { sayUnmet } from '../domain/ask-words.ts';
import { StewardError } from '../domain/errors.ts';
import { MOST_MINUTES } from '../domain/said.ts';
import { parseSlackCall, type SlackClicks } from '../schema/slack-call.ts';
import { placeIn, type SlackPlace, taskIn } from '../schema/slack-names.ts';
import { isAway } from './away.ts';
import { parseJson, readBody } from './body.ts';
import type { GatewayDeps } from './deps.ts';
import { sayFault } from './fault.ts';
import { Refusal } from './refusal.ts';
import { type SlackParts, submitForm } from './slack-form.ts';
import { clickTask } from './slack-task.ts';

export const SLACK_PATH = '/v1/slack/interactions';
/** A click brings its whole message along: 50 blocks of 3,000 characters, percent-encoded. */
export const MAX_SLACK_BYTES = 1024 * 1024;
/** How long the ticket is asked whether a form makes sense; Slack holds the click for three seconds. */
const LOOK_MS = 1_000;

export function slackRoutes({
  slack,
  tasks,
  ...rest
}: Pick<GatewayDeps, 'slack' | 'slackCalls' | 'client' | 'log' | 'tasks'>): Hono {
  const routes = new Hono();
  if (!slack) return routes;
  const deps: SlackParts = { slack, ...rest };
  routes.post(SLACK_PATH, async (c) => {
    const body = await readBody(c.req.raw, MAX_SLACK_BYTES);
    const form = new URLSearchParams(Buffer.from(body).toString('utf8'));
    // Slack looks whether our certificate is good. It says and wants nothing.
    if (form.get('ssl_check') === '1' && !form.has('payload')) return c.body(null, 200);
    const digest = await admit(deps, c.req.raw.headers, body);
    const parsed = parseSlackCall(parseJson(Buffer.from(form.get('payload') ?? '')));
    if ('problems' in parsed) {
      throw new Refusal(422, 'InvalidRequest', 'The payload is none of a click or form.', {
        problems: parsed.problems,
      });
    }
    const { call } = parsed;
    if (call.type === 'view_submission') return c.json(await submitForm(deps, call, digest), 200);
    const task = call.type === 'block_actions' ? taskIn(call.actions[0]?.value ?? '') : null;
    if (task && call.type === 'block_actions') {
      const answerUrl = call.response_url ?? null;
      const words = await clickTask({ tasks, slack }, task, { user: call.user.id, answerUrl });
      if (words !== null) say(deps, answerUrl, words);
    } else if (call.type === 'block_actions') await click(deps, call, digest);
    else if (call.response_url) say(deps, call.response_url, 'Steward knows nothing to do for that.');
    // Taken: what comes of it shows at the message, or in private.
    return c.body(null, 200);
  });
  return routes;
}

/** Signed by Slack, now, and never seen before; the digest of its signature, by which it is known from here on. */
async function admit({ slack, slackCalls, log }: SlackParts, headers: Headers, body: Uint8Array): Promise<string> {
  const verdict = slack.verify(
    { timestamp: headers.get('x-slack-request-timestamp'), signature: headers.get('x-slack-signature') },
    body,
  );
  if ('wrong' in verdict) {
    log.warn({ wrong: verdict.wrong }, 'a call in the name of Slack was refused');
    throw new Refusal(403, 'SignatureWrong', `Not taken: ${verdict.wrong}`);
  }
  const { known } = await slackCalls.take(verdict.digest);
  if (known) {
    log.warn({}, 'a call of Slack came a second time, and was refused');
    throw new Refusal(409, 'Replayed', 'This very call was taken before; Slack signs each anew.');
  }
  return Buffer.from(verdict.digest).toString('hex').slice(0, 40);
}

async function click(deps: SlackParts, { user, actions, response_url, trigger_id }: SlackClicks, digest: string) {
  const [action] = actions;
  const answerUrl = response_url ?? null;
  const place = placeIn(action?.value ?? '') ?? placeIn(action?.block_id ?? '');
  const said = action && place && saidBy(action);
  if (!place || !said) {
    deps.log.warn({ known: place !== null }, 'a click in Slack at nothing that Steward knows');
    const what = place ? ` at ticket ${place.ticketId}` : '';
    say(
      deps,
      answerUrl,
      `Nothing was done: Steward does not know what was clicked${what}. The message may be of another version.`,
    );
    return;
  }
  const by = deps.slack.agentOf(user.id);
  if (said.act === 'resolve' && by !== null) {
    void openForm(deps, { ...place, answerUrl }, by, trigger_id ?? '');
    return;
  }
  const to = said.to === undefined ? {} : { to: deps.slack.agentOf(said.to) };
  const { act, minutes } = said;
  await tell(deps, place, answerUrl, {
    eventId: digest,
    by,
    user: user.id,
    act,
    round: place.round,
    ...to,
    ...(minutes === undefined ? {} : { minutes }),
    ...(answerUrl === null ? {} : { answerUrl }),
  });
}

type Action = SlackClicks['actions'][number];
interface Said {
  readonly act: 'claim' | 'resolve' | 'reassign' | 'snooze';
  /** Slack's id of whom it is given to. */
  readonly to?: string;
  readonly minutes?: number;
}

/** Null: nothing that a message of ours offers. */
function saidBy({ action_id, selected_user, selected_option }: Action): Said | null {
  if (action_id === 'claim' || action_id === 'resolve') return { act: action_id };
  if (action_id === 'reassign' && selected_user) return { act: action_id, to: selected_user };
  const minutes = Number(selected_option?.value ?? '');
  const isTime = Number.isInteger(minutes) && minutes >= 1 && minutes <= MOST_MINUTES;
  return action_id === 'snooze' && isTime ? { act: action_id, minutes } : null;
}

/** Down in the ticket's history before Slack hears that it is taken: nobody's end can lose it from then on. */
async function tell(
  deps: SlackParts,
  { ticketId }: SlackPlace,
  answerUrl: string | null,
  clicked: Clicked,
): Promise<void> {
  try {
    await deps.client.tell(ticketId, 'clicked', clicked);
  } catch (error) {
    if (error instanceof StewardError && error.code === 'TicketUnknown') {
      return say(deps, answerUrl, `Nothing was done: ticket ${ticketId} is closed.`);
    }
    if (isAway(error)) say(deps, answerUrl, `Ticket ${ticketId}: not taken just now. Click again a little later.`);
    throw error;
  }
}

/** After the answer to Slack: nothing is decided yet, and who gets no form clicks again. */
async function openForm(
  deps: SlackParts,
  from: SlackPlace & { readonly answerUrl: string | null },
  by: string,
  triggerId: string,
): Promise<void> {
  const { slack, log } = deps;
  const { ticketId, answerUrl } = from;
  const asked = await Promise.race([
    lookAt(deps, ticketId),
    new Promise<undefined>((wait) => setTimeout(() => wait(undefined), LOOK_MS)),
  ]);
  if (asked === 'closed') return say(deps, answerUrl, `Nothing was done: ticket ${ticketId} is closed.`);
  const unmet = asked && unmetAtFace({ id: asked.round, face: asked.face }, { by, round: from.round });
  if (unmet) return say(deps, answerUrl, sayUnmet(unmet, ticketId, slack.nameOf));
  try {
    await slack.openForm(triggerId, from);
  } catch (error) {
    log.warn({ ticketId, ...sayFault(error) }, 'Slack opened no form');
    say(deps, answerUrl, `Ticket ${ticketId}: the form did not open. Click again.`);
  }
}

/** Undefined: nobody answers; the form opens all the same, and what it says is judged when it comes. */
async function lookAt({ client }: SlackParts, ticketId: string) {
  try {
    return (await client.describe(ticketId)).asked;
  } catch (error) {
    return error instanceof StewardError && error.code === 'TicketUnknown' ? 'closed' : undefined;
  }
}

/** Beside the answer to Slack, which waits for nothing. */
function say({ slack, log }: SlackParts, answerUrl: string | null, words: string): void {
  if (answerUrl === null) return;
  slack.whisper(answerUrl, words).catch((error: unknown) => {
    log.warn(sayFault(error), 'an answer in private did not get through');
  });
}
