import { cancellationSignal, sleep } from '@temporalio/activity';
import type { Deps } from '../deps.ts';
import type { WebhookAnswer, WebhookEndpoint, WebhookStore } from '../deps-webhooks.ts';
import {
  afterFailure,
  type Circuit,
  CLOSED,
  horizonMs,
  nextAttempt,
  type WebhookMessage,
  type WebhookPass,
} from '../domain/webhook.ts';
import { beating } from './beat.ts';

/** A receiver that is called at more times than that at once would rather be called again later. */
const AT_ONCE = 10;
/** Then the workflow looks, and begins another pass. */
const LONGEST_PASS_MS = 60_000;
/** Changes come in little bunches: each as a pass of its own would be a history of its own. */
const LINGER_MS = 1_000;
const LOOK_EVERY_MS = 200;
/** Longer than one round can take. */
const HELD_MS = 90_000;

export function webhookActivities({ webhooks: { store, endpoints } }: Pick<Deps, 'webhooks'>) {
  return {
    /**
     * One pass over an endpoint's messages: sends what is due, one round after another, and says when there is more to do. A message whose
     * outcome could not be written down goes out again, under the same id.
     */
    async sendWebhooks({ endpoint: name }: { readonly endpoint: string }): Promise<WebhookPass> {
      const endpoint = endpoints.get(name);
      if (endpoint === undefined) return { nextMs: null, waiting: 0, standing: 'removed' };
      return beating(async () => {
        await store.tidy(name, horizonMs(endpoint.rules));
        await sendAll(store, endpoint);
        return store.release(name);
      });
    },
  };
}

async function sendAll(store: WebhookStore, endpoint: WebhookEndpoint): Promise<void> {
  const begun = Date.now();
  let sentAt = begun;
  // Asked to stop, a round that is under way is brought to its end: cut off, it would be sent again.
  while (!cancellationSignal().aborted && Date.now() - begun < LONGEST_PASS_MS) {
    const circuit = await store.hold(endpoint.name, HELD_MS);
    const done = circuit === null ? 'over' : await sendRound(store, endpoint, circuit);
    if (done === 'sent') sentAt = Date.now();
    if (done === 'over' || Date.now() - sentAt > LINGER_MS) return;
    if (done === 'nothing') await sleep(LOOK_EVERY_MS);
  }
}

/** `over`: there is nothing to be done before the circuit's time, or ever. */
async function sendRound(
  store: WebhookStore,
  endpoint: WebhookEndpoint,
  before: Circuit,
): Promise<'sent' | 'nothing' | 'over'> {
  const { name } = endpoint;
  const probe = before.open !== null;
  if (before.open && before.open.probeAt > Date.now()) return 'over';
  const due = await store.due(name, { limit: probe ? 1 : AT_ONCE, probe });
  if (due.length === 0) return probe ? 'over' : 'nothing';
  const answers = await Promise.all(due.map((message) => sendOne(store, endpoint, message, !probe)));
  if (answers.some(({ outcome }) => outcome === 'gone')) {
    await store.disable(name, 'the receiver answered 410 Gone');
    return 'over';
  }
  const after = answers.reduce((circuit, answer) => circuitAfter(circuit, endpoint, answer), before);
  if (JSON.stringify(after) !== JSON.stringify(before)) {
    const refused = due.filter((_, i) => isRefused(answers[i])).map(({ messageId }) => messageId);
    await store.saveCircuit(name, after, refused);
  }
  return after.open === null ? 'sent' : 'over';
}

async function sendOne(
  store: WebhookStore,
  endpoint: WebhookEndpoint,
  message: WebhookMessage,
  counted: boolean,
): Promise<WebhookAnswer> {
  const { name, rules } = endpoint;
  const { messageId } = message;
  const answer = await endpoint.send(message);
  if (answer.outcome === 'taken') await store.settle(name, messageId, 'sent');
  if (answer.outcome === 'skipped') await store.settle(name, messageId, 'skipped');
  if (answer.outcome === 'failed') {
    const now = Date.now();
    // A probe takes nothing of a message's attempts: with the receiver away for a day they would be used up by the first one alone. One that is
    // refused is no probe but that message's own failure.
    const counts = counted || isRefused(answer);
    const next = counts ? nextAttempt(rules, message.attempts + 1, answer, now) : now;
    const nextAt = next === null ? null : new Date(next);
    await store.fail(name, messageId, { reason: answer.reason, nextAt, counted: counts });
  }
  return answer;
}

function isRefused(answer: WebhookAnswer | undefined): boolean {
  return answer?.outcome === 'failed' && answer.isRefusal === true;
}

function circuitAfter(circuit: Circuit, { rules }: WebhookEndpoint, answer: WebhookAnswer): Circuit {
  if (answer.outcome === 'taken') return CLOSED;
  return answer.outcome === 'failed' ? afterFailure(circuit, rules, answer, Date.now()) : circuit;
}
