import { type DeliveryStatus, NOT_TO_SEND } from './delivery.ts';
import type { EntryKind } from './journal.ts';
import { type Json, type JsonObject, objectOf } from './json.ts';
import type { Metric } from './sla.ts';
import { METRIC_WORDS } from './sla-words.ts';
import { sayWhy } from './words.ts';

/** A timeline entry in plain words: what happened, and the particulars, one a line. No personal data: facts hold none. */
export interface Said {
  readonly text: string;
  readonly more: readonly string[];
}

/** Facts come out of the database, where entries of earlier versions lie too: whatever is missing is said as such. */
export function sayEntry(entry: { readonly kind: string; readonly facts: JsonObject }): Said {
  const say = Object.hasOwn(WORDS, entry.kind) ? WORDS[entry.kind as EntryKind] : undefined;
  const said = say?.(entry.facts) ?? `${entry.kind} ${JSON.stringify(entry.facts)}`;
  return typeof said === 'string' ? { text: said, more: [] } : said;
}

const WORDS: Readonly<Record<EntryKind, (facts: JsonObject) => string | Said>> = {
  received: (f) => {
    const channel = f.channel ? ` by ${word(f.channel)}` : '';
    return `came in from ${word(f.source)}${channel}, goes the way of flow ${word(f.flow)}`;
  },
  enriched: (f) => ({
    text: `facts gathered: priority ${word(f.priority)}, tier ${word(f.tier)}, language ${word(f.language)}`,
    more: [saySentiment(objectOf(f.sentiment)), sayCustomer(objectOf(f.customer)), ...sayStatus(f.status)],
  }),
  decided: sayDecision,
  escalated: (f) => ({
    text: f.agentId
      ? `given to agent ${word(f.agentId)}: ${sayWhy(word(f.why))}`
      : `given to the team, since no agent who is there fits and has room: ${sayWhy(word(f.why))}`,
    more: list(f.relaxed).map(sayRelaxed),
  }),
  answered: (f) => `the bot answered with article ${word(f.articleId)} (confidence ${word(f.confidence)})`,
  welcomed: () => 'a new customer: welcome mail',
  handedOver: (f) =>
    f.why === 'asked for a person'
      ? 'the bot does not answer: the customer asks for a person'
      : f.why === 'wrote more'
        ? 'the bot does not answer: the customer wrote again before it could'
        : f.articleId
          ? `the bot does not answer: article ${word(f.articleId)} is not sure enough (confidence ${word(f.confidence)})`
          : 'the bot does not answer: no article speaks of this',
  customerReplied: (f) => `the customer wrote${sayOrigin(f)}`,
  agentReplied: (f) => `agent ${word(f.agentId)} replied${sayOrigin(f)}`,
  claimed: (f) => `agent ${word(f.agentId)} took the ticket`,
  resolved: (f) => `solved${f.agentId ? ` by agent ${word(f.agentId)}` : ''}${sayOrigin(f)}`,
  reopened: (f) => `reopened${sayOrigin(f)}`,
  silenceEnded: () => 'solved: the customer had nothing to add',
  rated: (f) => `rated ${word(f.score)} of 5${sayOrigin(f)}`,
  closed: (f) => {
    if (f.why === 'cancelled') return 'closed: its workflow was cancelled by request';
    return f.why === 'erasure' ? 'closed: its customer is being erased' : 'closed: the time to reopen it is over';
  },
  delivered: (f) =>
    f.fallback
      ? `telling our own people did not work; once more by ${word(f.fallback)}`
      : word(f.occasion).startsWith('sla:')
        ? 'word of it to those concerned'
        : word(f.occasion).startsWith('page:')
          ? `PagerDuty: ${word(f.occasion).split(':').at(-1) ?? ''}`
          : 'a message to the customer',
  ignored: (f) =>
    f.why
      ? `${word(f.event)} ignored: ${word(f.why)}`
      : `${word(f.event)} ignored: it is not lawful for a ticket that is ${word(f.state)}`,
  parked: (f) => ({
    text: `parked at ${word(f.step)}: failed ${times(f.attempts)} (${word(f.error)}); waits for an operator`,
    more: f.cause ? [word(f.cause)] : [],
  }),
  operator: (f) => `${word(f.step)}: ${ACT_WORDS[word(f.act)] ?? word(f.act)}`,
  retried: (f) => `${word(f.step)} failed (${word(f.error)}); attempt ${word(f.attempt)} follows`,
  reread: (f) => ({
    text:
      f.before === f.priority
        ? `the customer's mood is ${word(objectOf(f.sentiment).label)} now`
        : `the customer's mood is ${word(objectOf(f.sentiment).label)} now: priority ${word(f.priority)}, was ${word(f.before)}`,
    more: [saySentiment(objectOf(f.sentiment))],
  }),
  enrichedAgain: (f) => {
    const [was, decision] = [objectOf(f.was), objectOf(f.decision)];
    const priority = f.before === f.priority ? '' : `; priority ${word(f.priority)}, was ${word(f.before)}`;
    const route =
      decision.next === undefined
        ? []
        : [`${word(decision.state)} would go on to ${word(decision.next)} now; it went to ${word(decision.went)}`];
    return {
      text: `the provider is back: the mood is ${word(objectOf(f.sentiment).label)}, taken for ${word(was.label)} by ${word(was.source)}${priority}`,
      more: [saySentiment(objectOf(f.sentiment)), ...route],
    };
  },
  called: (f) => {
    const people = list(f.called).map(word).join(', ');
    const where = `level ${word(f.level)} of "${word(f.path)}"`;
    if (people !== '') return `${where}: called ${people}${f.number === 1 ? '' : ` (call ${word(f.number)})`}`;
    const until = f.opensAt ? ` before ${word(f.opensAt)}` : '';
    return `${where}: nobody is there${until}${f.again ? `; looked for again at ${word(f.again)}` : ''}`;
  },
  leaseEnded: (f) => `no sign of work from ${word(f.by)}: the path "${word(f.path)}" goes on`,
  paged: (f) => `"${word(f.path)}" is at its end: PagerDuty is called (${word(f.severity)})`,
  strangerReplied: (f) =>
    `somebody else answered our mail; what they wrote is ticket ${word(f.otherTicketId)}, and no word of the customer`,
  undelivered: (f) => {
    const what = f.outcome === 'complained' ? 'was complained of' : 'came back';
    const whom = f.to === 'customer' ? 'the customer' : word(f.agentId);
    return `the mail to ${whom} (${word(f.template)}) ${what}`;
  },
  reassigned: (f) => `given to agent ${word(f.givenTo)}`,
  snoozed: (f) =>
    `nobody is called before ${typeof f.until === 'number' ? new Date(f.until).toISOString() : word(f.until)}`,
  givenBack: (f) => `agent ${word(f.agentId)} is off: given back, with its place in line`,
  noted: () => 'left a note for our own people',
  taskAsked: (f) => `${word(f.step)}: people are asked to decide (task ${word(f.taskId)})`,
  taskEnded: (f) => `task ${word(f.taskId)} ${sayTaskEnding(f)}`,
  notified: (f) => `${word(f.step)}: word to ${list(f.to).map(word).join(', ')}`,
  slaWarned: (f) => ({ text: `${sayMetric(f)} is due soon`, more: [word(f.derivation)] }),
  slaBreached: (f) => ({ text: `${sayMetric(f)} is late: due ${word(f.deadline)}`, more: [word(f.derivation)] }),
};

function sayTaskEnding({ ending, decision, by }: JsonObject): string {
  const people = list(by).map(word).join(', ');
  if (ending === 'decided') return `was decided: ${word(decision)}, by ${people}`;
  if (ending === 'withdrawn') return 'was withdrawn';
  return decision === null ? 'was not decided in time' : `was not decided in time: ${word(decision)} counts as said`;
}

/** What nobody who was there could do. */
function sayRelaxed(relaxed: Json): string {
  const { skill, from, to } = objectOf(relaxed);
  return to === 0
    ? `without ${word(skill)}, since nobody with it had room`
    : `${word(skill)} at level ${word(to)}, not ${word(from)}`;
}

function sayMetric({ metric }: JsonObject): string {
  return METRIC_WORDS[metric as Metric] ?? word(metric);
}

const ACT_WORDS: Readonly<Record<string, string>> = {
  retry: 'to be tried again',
  fix: 'to be tried again with new input',
  skip: 'skipped, with a result given by hand',
  abort: 'aborted: a person takes the ticket',
  giveUp: 'given up',
  overtaken: 'no longer needed, the ticket was solved meanwhile',
};

/** The branch, the rule that was met, what it looked at, and every rule that was not met. */
function sayDecision(f: JsonObject): Said {
  const rule =
    typeof f.rule === 'number' ? `by rule ${f.rule + 1}: ${word(f.condition)}` : 'by default: no rule was met';
  const inputs = Object.entries(objectOf(f.inputs)).map(([path, value]) => `${path} = ${JSON.stringify(value)}`);
  const rejected = list(f.rejected).map((r) => {
    const { rule, condition, actual } = objectOf(r);
    return `rejected rule ${Number(rule) + 1}: ${word(condition)}, for it was ${JSON.stringify(actual ?? null)}`;
  });
  return {
    text: `${word(f.state)}: on to ${word(f.next)}, ${rule}`,
    more: [...(inputs.length > 0 ? [`looked at ${inputs.join(', ')}`] : []), ...rejected],
  };
}

function saySentiment(f: JsonObject): string {
  return `sentiment ${word(f.label)} by ${sayProvenance(f)}`;
}

function sayCustomer(f: JsonObject): string {
  const known = f.isNew === true ? 'new customer' : `known customer with ${count(f.ticketsSoFar, 'ticket')} before`;
  return `${known}, by ${sayProvenance(f)}`;
}

function sayStatus(status: Json | undefined): string[] {
  if (status === undefined || status === null) return [];
  const f = objectOf(status);
  return [`system status ${word(f.indicator)} by ${sayProvenance({ source: 'statuspage', ...f })}`];
}

/** `crm in 1.2 ms (ok)`: where a fact comes from, how long it took, and how that went. */
export function sayProvenance(f: JsonObject): string {
  const since = f.at ? ` since ${word(f.at)}` : '';
  const source = f.source === 'none' ? 'no source' : word(f.source);
  return `${source} in ${word(f.ms)} ms (${word(f.outcome)}${since}${f.reason ? `: ${word(f.reason)}` : ''})`;
}

/** The status of a message, as somebody asks who wants to know whether it arrived. */
export const DELIVERY_WORDS: Readonly<Record<DeliveryStatus, string>> = {
  queued: 'to be sent',
  sending: 'being sent',
  sent: 'sent',
  unknown: 'perhaps sent: the answer was lost',
  delivered: 'delivered',
  bounced: 'came back',
  complained: 'arrived, and was complained of',
  failed: 'not sent',
  suppressed: 'not sent',
  summarised: 'told with others in one message',
};

/** Nothing more happens to the message by itself. */
export function isSettled(status: string): boolean {
  return status === 'failed' || status === 'unknown' || (NOT_TO_SEND as readonly string[]).includes(status);
}

function sayOrigin(f: JsonObject): string {
  // Updates and the clock have made-up event ids, which tell nobody anything.
  if (!f.source || f.source === 'update' || f.source === 'clock' || f.source === 'signal') return '';
  return ` (${word(f.source)}, event ${word(f.eventId)}${f.via ? `, by ${word(f.via)}` : ''})`;
}

function word(value: Json | undefined): string {
  if (value === undefined || value === null || value === '') return 'unknown';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function times(value: Json | undefined): string {
  return value === 1 ? 'once' : `${word(value)} times`;
}

function count(value: Json | undefined, noun: string): string {
  return `${typeof value === 'number' ? value : 'no'} ${noun}${value === 1 ? '' : 's'}`;
}
