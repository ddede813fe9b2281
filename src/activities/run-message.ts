/** One message of a flow without a ticket, by whoever carries it. */
import { flowRunId } from '../contract-flow.ts';
import type { Deps } from '../deps.ts';
import type { BegunRunMessage as Begun } from '../deps-run-messages.ts';
import type { TemplateName } from '../domain/delivery.ts';
import { ProviderError, StewardError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { watched } from './circuit.ts';

export type RunMessageParts = Pick<
  Deps,
  'directory' | 'templates' | 'links' | 'mailer' | 'outbox' | 'slack' | 'pager' | 'healing'
>;

interface Said {
  readonly template: TemplateName;
  readonly subject: string;
  readonly text: string;
  /** Nobody knows whether an earlier try has sent it. */
  readonly isInDoubt: boolean;
  readonly signal: AbortSignal;
}

/** @returns the provider's id of the message. @throws ProviderError; StewardError DeliveryUnknown, InvalidConfig */
export async function sendByTransport(deps: RunMessageParts, message: Begun, said: Said): Promise<string> {
  // Names its file in the outbox, too.
  const ids = { deliveryId: `run-${message.id}`, ticketId: `run-${message.id}` };
  const { subject, text } = await deps.templates.render(said.template, dataOf(deps, message, said));
  switch (message.transport) {
    case 'slack':
      return toSlack(deps, { ...ids, channel: slackOf(deps, message), text }, said);
    case 'pagerduty':
      return toPagerDuty(deps, message, { ...ids, subject, text }, said);
    case 'outbox':
      if (message.channel === 'pagerduty') {
        return deps.outbox.write({ channel: 'pagerduty', page: pageOf(deps, message, { ...ids, subject, text }) });
      }
      return deps.outbox.write({ channel: 'mail', mail: { ...ids, to: addressOf(deps, message), subject, text } });
    case 'ses': {
      const { mailer } = deps;
      if (!mailer) throw new StewardError('InvalidConfig', 'mail by SES is not configured on this worker');
      const mail = { ...ids, to: addressOf(deps, message), subject, text };
      if (said.isInDoubt && !(deps.templates.repeats(said.template) && message.repeats === 0)) {
        throw new StewardError('DeliveryUnknown', `message ${message.id}: the answer to an earlier try is lost`);
      }
      return watched(deps, 'mail', () => mailer.send(mail, said.signal));
    }
  }
}

async function toSlack(
  deps: RunMessageParts,
  message: { readonly deliveryId: string; readonly ticketId: string; readonly channel: string; readonly text: string },
  { isInDoubt, signal }: Said,
): Promise<string> {
  const { slack } = deps;
  if (!slack) throw new StewardError('InvalidConfig', 'Slack is not configured on this worker');
  return watched(deps, 'slack', async () => {
    const there = isInDoubt ? await slack.find(message, signal) : null;
    return there ?? (await slack.post(message, signal));
  });
}

interface Page {
  readonly deliveryId: string;
  readonly ticketId: string;
  readonly subject: string;
  readonly text: string;
}

async function toPagerDuty(deps: RunMessageParts, message: Begun, page: Page, { signal }: Said): Promise<string> {
  const { pager } = deps;
  if (!pager) throw new StewardError('InvalidConfig', 'PagerDuty is not configured on this worker');
  return watched(deps, 'pagerduty', () => pager.send(pageOf(deps, message, page), signal));
}

/** The flow's own words and ids: what it has to say besides is not PagerDuty's to know. */
function pageOf({ links }: RunMessageParts, { id, workflowId }: Begun, { subject, ...page }: Page) {
  return {
    ...page,
    action: 'trigger',
    dedupKey: `steward/run-message/${id}`,
    severity: 'error',
    summary: subject,
    link: links.workflow(workflowId),
  } as const;
}

function personOf({ directory }: RunMessageParts, { recipient, customer }: Begun) {
  if (recipient.kind === 'customer') return customer ? { ...customer, slack: null } : undefined;
  return recipient.kind === 'contact' ? directory.contact(recipient.id) : directory.agent(recipient.id);
}

function addressOf(deps: RunMessageParts, message: Begun) {
  const person = personOf(deps, message);
  if (person?.email == null) throw new ProviderError('mail', 'recipient has no address', { retryable: false });
  return { address: person.email, name: person.name };
}

function slackOf(deps: RunMessageParts, message: Begun): string {
  const channel = personOf(deps, message)?.slack;
  if (!channel) throw new ProviderError('slack', 'recipient has no Slack account', { retryable: false });
  return channel;
}

/** What the templates know of a ticket's message; here there is no ticket. */
function dataOf(deps: RunMessageParts, message: Begun, { subject, text }: Said): JsonObject {
  const { recipient, customer, workflowId } = message;
  return {
    ticket: { id: null, subject: null, state: null, priority: null, tier: null },
    customer: { id: customer?.id ?? null, name: customer?.name ?? null },
    recipient: { id: recipient.id, name: personOf(deps, message)?.name ?? null },
    text,
    links: { statusPage: null, webUi: deps.links.workflow(workflowId), ask: null },
    facts: { subject, run: flowRunId(workflowId) ?? workflowId },
  };
}
