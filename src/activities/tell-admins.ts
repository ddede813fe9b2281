/** One word to one admin, by the first way that works, through a ledger of its own. */
import { cancellationSignal } from '@temporalio/activity';
import type { Deps } from '../deps.ts';
import type { Begun, MessageOutcome } from '../deps-healing.ts';
import { type Way, waysFrom } from '../domain/circuit.ts';
import type { LetterName } from '../domain/delivery.ts';
import { ProviderError, StewardError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { type CircuitParts, watched } from './circuit.ts';
import { type LetterParts, sendLetter } from './letter.ts';

export type TellParts = CircuitParts &
  LetterParts &
  Pick<Deps, 'directory' | 'slack' | 'pager' | 'transports' | 'links'>;

export interface Recipient {
  readonly recipientId: string;
  readonly channel: Way;
}

export interface AdminWord {
  /** By which providers know it: `incident-7`. */
  readonly name: string;
  readonly occasion: string;
  readonly template: LetterName;
  readonly data: JsonObject;
  readonly ledger: {
    /** By any channel. */
    isTold(recipientId: string): Promise<boolean>;
    begin(to: Recipient): Promise<Begun>;
    finish(to: Recipient, outcome: MessageOutcome): Promise<void>;
  };
  /** That this incident is over: its provider is called again, whatever a moment ago was read of the circuit. */
  readonly endedIncident?: string | undefined;
  /** How it goes to whoever is on duty; missing: it does not. */
  readonly page?: (ids: Ids, signal: AbortSignal) => Promise<void>;
}
interface Ids {
  readonly deliveryId: string;
  readonly ticketId: string;
}

const SEND_MS = 15_000;

export async function tellOne(deps: TellParts, word: AdminWord, recipientId: string): Promise<boolean> {
  if (await word.ledger.isTold(recipientId)) return true;
  for (const channel of waysOf(deps, recipientId)) {
    if (await tellBy(deps, word, { recipientId, channel })) return true;
  }
  return false;
}

function waysOf({ directory, transports }: TellParts, id: string): readonly Way[] {
  const agent = directory.agent(id);
  const has: Readonly<Record<Way, boolean>> = {
    slack: transports.slack === 'slack' && agent?.slack != null,
    mail: agent?.email != null,
    pagerduty: false,
  };
  return waysFrom('slack').filter((way) => has[way]);
}

export async function tellBy(deps: TellParts, word: AdminWord, to: Recipient): Promise<boolean> {
  // What is known to fail is not tried.
  const circuit = await deps.healing.circuits.open(to.channel);
  if (circuit !== null && circuit.incidentId !== word.endedIncident) return false;
  const begun = await word.ledger.begin(to);
  if (begun === 'sent') return true;
  try {
    await send(deps, word, to, begun === 'again');
    await word.ledger.finish(to, { status: 'sent' });
    return true;
  } catch (error) {
    if (!(error instanceof StewardError) || cancellationSignal().aborted) throw error;
    const isLost = error instanceof ProviderError && error.answerLost;
    const reason = error instanceof ProviderError ? error.reason : error.code;
    await word.ledger.finish(to, { status: isLost ? 'unknown' : 'failed', reason });
    return false;
  }
}

/** `again`: nobody knows whether it went out. Slack is looked up, PagerDuty knows the key, and a mail more does no harm. */
async function send(
  deps: TellParts,
  { name, occasion, template, data, page }: AdminWord,
  { recipientId, channel }: Recipient,
  again: boolean,
): Promise<void> {
  const signal = AbortSignal.any([cancellationSignal(), AbortSignal.timeout(SEND_MS)]);
  const ids = { deliveryId: `${name}-${occasion}-${recipientId}`, ticketId: name };
  const agent = deps.directory.agent(recipientId);
  if (channel === 'mail') {
    const to = { address: agent?.email ?? '', name: agent?.name ?? null };
    return watched(deps, 'mail', () => sendLetter(deps, { ...ids, to, template, data }));
  }
  if (channel === 'slack') {
    const { slack } = deps;
    if (!slack || agent?.slack == null) throw new StewardError('InvalidConfig', 'Slack is not configured here');
    const said = { ...ids, channel: agent.slack, text: (await deps.templates.render(template, data)).text };
    await watched(deps, 'slack', async () => {
      if (again && (await slack.find(said, signal)) !== null) return;
      await slack.post(said, signal);
    });
    return;
  }
  if (!page) throw new StewardError('InvalidConfig', 'this is told to nobody on duty');
  await page(ids, signal);
}
