/** All that the audit log can say: each action with what it says, in groups. docs/operations.md shows it as a table. */

/** `<kind>` of a timeline's entry: one more kind there is one more action here, or nothing compiles. */
const TICKETS = {
  'ticket.received': 'it came in, and its workflow has it',
  'ticket.assigned': 'whom the team’s rules gave it to, or nobody',
  'ticket.enriched': 'its facts are gathered',
  'ticket.decided': 'the flow took a branch',
  'ticket.escalated': 'a person is brought in',
  'ticket.answered': 'the bot answered',
  'ticket.welcomed': 'a new customer is welcomed',
  'ticket.handedOver': 'the bot gave it to a person',
  'ticket.customerReplied': 'the customer wrote again',
  'ticket.agentReplied': 'an agent wrote to the customer',
  'ticket.strangerReplied': 'somebody else answered a mail of it, and has a ticket of their own',
  'ticket.givenBack': 'its agent went off duty, and gave it back',
  'ticket.claimed': 'an agent took it',
  'ticket.reassigned': 'another agent has it now',
  'ticket.snoozed': 'an agent put it off',
  'ticket.noted': 'an agent left a note',
  'ticket.resolved': 'it is solved',
  'ticket.reopened': 'it is open again',
  'ticket.silenceEnded': 'the customer has not answered for so long that it counts as solved',
  'ticket.rated': 'the customer said how it was',
  'ticket.closed': 'nothing more is awaited; `why` is `erasure` where an erasure closed it',
  'ticket.delivered': 'what became of a message, where that changed the ticket',
  'ticket.undelivered': 'a message to the customer did not arrive',
  'ticket.ignored': 'something was said to it that it could not take',
  'ticket.taskAsked': 'people were asked to decide, by its flow',
  'ticket.taskEnded': 'what they decided, or that nobody did',
  'ticket.notified': 'its flow had something to tell, and to whom',
  'ticket.parked': 'a step used up its retries and waits for an operator',
  'ticket.operator': 'what an operator said to a parked step',
  'ticket.retried': 'a step is tried again',
  'ticket.slaWarned': 'a promised time is near',
  'ticket.slaBreached': 'a promised time is over',
  'ticket.reread': 'a further message of the customer was analysed',
  'ticket.enrichedAgain': 'a fact that was missing came late',
  'ticket.called': 'the next responder is called',
  'ticket.leaseEnded': 'who was called did not take it in time',
  'ticket.paged': 'the on-call service was told',
  'ticket.changed': 'its row changed without an entry of its timeline',
} as const;

const MESSAGES = {
  'delivery.queued': 'a message is to go out, or was held back at once',
  'delivery.intent': 'it is about to go out',
  'delivery.outcome': 'what became of it; also what the mail provider says of it later',
  'delivery.rerouted': 'it goes another way while a provider is away',
  'summary.intent': 'one message is about to go out in the place of many of a kind',
  'summary.outcome': 'what became of it',
  'runMessage.queued': 'a flow without a ticket has something to tell; or it was held back at once',
  'runMessage.intent': 'that message is about to go out',
  'runMessage.outcome': 'what became of it; also what the mail provider says of it later',
  'message.previewed': 'somebody looked how a template comes out for a ticket',
  'mail.parked': 'a mail that came in was not taken',
  'mail.read': 'somebody read a parked mail',
  'mail.released': 'a parked mail was taken after all',
  'mail.dropped': 'a parked mail was thrown away',
  'mail.expired': 'nobody has looked at a parked mail in 30 days',
  'event.refused': 'an event for a ticket of somebody who is erased, or being erased',
  'suppression.listed': 'a customer gets no mail any more',
  'suppression.lifted': 'a customer gets mail again',
} as const;

const WORK = {
  'humanTask.asked': 'what people are to decide, and who',
  'humanTask.intent': 'a message about it is about to go out',
  'humanTask.told': 'what became of a message about it',
  'humanTask.said': 'who decided what, by which way',
  'humanTask.delegated': 'who passed it on to whom',
  'humanTask.ended': 'what was decided in the end, or that nobody did',
  'agent.presence': 'an agent came or went',
  'parkedBatch.started': 'the same word to many parked steps, and whose word',
  'parkedBatch.cancelAsked': 'somebody is about to stop it',
  'parkedBatch.cancelAnswered': '`why` is `taken`, or the code of what turned it down',
  'parkedBatch.keyDestroyed': 'what was given with it can’t be opened any more',
  'parkedBatch.ended': 'how many had which outcome',
  'incident.opened': 'a provider fails, and is called no more',
  'incident.intent': 'an admin is about to be told',
  'incident.outcome': 'what became of telling them',
  'incident.remedyStopped': 'what was done instead of the provider came to its limit',
  'incident.closed': 'the provider is called again; `why`: by a probe, or by hand',
  'notice.began':
    'a webhook takes nothing, mails wait, a summary may not have arrived, or policies are refused: the admins are to hear',
  'notice.intent': 'an admin is about to be told',
  'notice.outcome': 'what became of telling them',
  'notice.ended': 'it is over',
  'http.intent':
    'a flow is about to call a host outside: the state, attempt and method; requests that only read are left out',
  'http.outcome': 'what became of it: the status, or the code of what came between',
  'flowTask.answerAsked': 'somebody who has the token of a flow’s Task is about to say what came of it',
  'flowTask.answered': '`why` is `taken`, or the code of what turned it down',
  'webhook.disabled': 'a receiver said that it is gone',
  'webhook.enabled': 'somebody took that back',
  'webhook.redelivered': 'messages go out to it again',
  'webhook.tested': 'a test message was asked for',
} as const;

const CONTROL = {
  'key.made':
    'an API key, with its `role`, the `agent` whose own it is, and in `by` all that was shown of who made it: login and account',
  'key.revoked': 'an API key is refused from now on; `role`, `agent` and `by` as of `key.made`',
  'flow.deployed': 'new tickets go by this version of a flow, and by which before',
  'flow.canaryBegan': 'a share of new tickets goes by this version, and is watched',
  'flow.canaryPromoted': 'a canary fared well: all new tickets go by its version',
  'flow.rolledBack': 'new tickets go by a version of before; `why`: by hand, or how a canary fared',
  'policy.replaced': 'policies that changed are in force, with their versions',
  'codec.decoded': 'somebody read what Temporal shows encrypted: which workflows',
  'audit.shown': 'somebody looked into this log, by which filters',
  'audit.exported': 'somebody took a copy of this log',
  'monthlyAudit.asked': 'somebody is about to have a month measured',
  'monthlyAudit.answered': '`answer` is `taken`, or the code of what turned it down',
  'monthlyAudit.measured': 'the figures of a month: first, the same again, or what differs',
  'monthlyAudit.mailIntent': 'an officer is about to be written about it',
  'monthlyAudit.mailSent': 'that mail is out',
  'monthlyAudit.mailFailed':
    'that mail is not out: `why` is the code of what came between; it is tried again, or given up',
} as const;

const PRIVACY = {
  'person.exported': 'what is held of a person was taken out, with counts',
  'person.previewed': 'somebody looked what an erasure would take',
  'consent.recorded': 'a customer’s word for a purpose',
  'consent.shown': 'somebody looked at consents',
  'hold.placed': 'a legal hold keeps something, until when',
  'hold.lifted': 'a legal hold keeps nothing any more',
  'hold.listed': 'somebody looked at holds, and which',
  'retention.asked': 'somebody is about to have what is due emptied',
  'retention.answered': '`answer` is `taken`, or the code of what turned it down',
  'retention.intent': 'so many closed tickets are about to lose their words',
  'retention.emptied': 'how many rows, keys and files went, and how many messages in Slack are to go with them',
  'retention.runsIntent': 'so many runs of flows without a ticket are about to lose what is left of them',
  'retention.runsEmptied': 'how many messages, keys and files went, and how many messages in Slack are to go with them',
  'retention.slackIntent': 'messages in Slack whose words are gone here are about to go there',
  'retention.slackRemoved': 'how many went, and how many Slack did not take away',
  'retention.historiesDeleted': 'how many histories went',
  'retention.keptReviewed':
    'a night looked at what erasures keep: of how many requests, how many categories ended, how many are unclear',
} as const;

const REQUESTS = {
  'erasure.requested': 'a request came in, by which way and who',
  'erasure.idReused': 'a wish came under the id of another person’s request, and was refused',
  'erasure.codeMade': 'a code was made',
  'erasure.codeTried': 'somebody tried a code',
  'erasure.proved': 'it is the person’s own, by what',
  'erasure.approveAsked': 'an officer is about to approve it',
  'erasure.refuseAsked': 'an officer is about to refuse it',
  'erasure.extendAsked': 'an officer is about to give it more time',
  'erasure.vouchAsked': 'an officer is about to vouch for the person',
  'erasure.retryAsked': 'an officer is about to have a parked step tried again',
  'erasure.skipAsked': 'an officer is about to have a parked step left out',
  'erasure.approveAnswered':
    'what came of the wish to approve it: `why` is `taken`, or the code of what turned it down',
  'erasure.refuseAnswered': 'what came of the wish to refuse it: `why` is `taken`, or the code of what turned it down',
  'erasure.extendAnswered':
    'what came of the wish to give it more time: `why` is `taken`, or the code of what turned it down',
  'erasure.vouchAnswered':
    'what came of the wish to vouch for the person: `why` is `taken`, or the code of what turned it down',
  'erasure.retryAnswered':
    'what came of the wish to have a parked step tried again: `why` is `taken`, or the code of what turned it down',
  'erasure.skipAnswered':
    'what came of the wish to have a parked step left out: `why` is `taken`, or the code of what turned it down',
  'erasure.approved': 'an officer approved it',
  'erasure.refused': 'an officer refused it',
  'erasure.extended': 'an officer gave it more time, to when',
  'erasure.vouched': 'an officer vouched for the person',
  'erasure.retry': 'a parked step is tried again by an officer’s word',
  'erasure.skip': 'a parked step is left out by an officer’s word',
  'erasure.state': 'where it stands now',
  'erasure.turn': 'it has the person’s rows now: how many',
  'erasure.superseded': 'a request of the person’s own goes on in its place',
  'erasure.tookOver': 'it took over rows from a request whose workflow is gone',
  'erasure.decided': 'per category, what goes and what is kept',
  'erasure.decidedAgain': 'the same anew: a legal hold came in between',
  'erasure.ended': 'its outcome',
  'erasure.erased': 'keys and histories are gone as well',
} as const;

const STEPS = {
  'erasure.frozen': 'the person gets no new ticket',
  'erasure.cancelIntent': 'running tickets are about to be cancelled',
  'erasure.terminateIntent': 'tickets that do not close are about to be terminated',
  'erasure.drained': 'how many closed and how many were terminated, of one try',
  'erasure.drain': 'the receipt: of all tries',
  'erasure.ticketsClosed': 'how many tickets were closed for good',
  'erasure.emptied': 'the rows of one batch by table (`tickets`: moved to the random name)',
  'erasure.removeFilesIntent': 'files of the outbox are about to go',
  'erasure.filesRemoved': 'how many files went',
  'erasure.maskFilesIntent': 'addresses are about to go out of files of the outbox',
  'erasure.filesMasked': 'of how many files',
  'erasure.erase:messages': 'the receipt: all rows of `messages`',
  'erasure.erase:deliveries': 'the receipt: all rows of `deliveries`',
  'erasure.erase:outbox': 'the receipt: all files of the outbox',
  'erasure.erase:customers': 'the receipt: all rows of the person themselves',
  'erasure.tellIntent': 'a recipient is about to be told',
  'erasure.recipient': 'what became of telling a recipient',
  'erasure.mailIntent': 'a letter is about to go out',
  'erasure.mailSent': 'that letter is out',
  'erasure.mailFailed':
    'that letter is not out: `why` is the code of what came between; it is tried again, or given up',
  'erasure.sendCode': 'why no code was sent',
  'erasure.tellPerson': 'why the person was not told',
  'erasure.shredIntent': 'keys are about to be destroyed',
  'erasure.shred': 'how many keys were destroyed',
  'erasure.deleteHistoriesIntent': 'histories are about to be deleted',
  'erasure.deleteHistories': 'how many histories were deleted',
  'erasure.keysDestroyed': 'what was sealed for the request, or for one of its recipients, can’t be opened any more',
  'erasure.lookAtOnce': 'what was found of the person after the erasure',
  'erasure.lookLater': 'what was found when the window ended',
  'erasure.closeWindowIntent': 'the fingerprints’ key is about to be destroyed',
  'erasure.closeWindow': 'it is destroyed',
  'erasure.frozenAgain': 'a restored database had the person again',
  'erasure.reapplyIntent': 'the person is about to be erased again from it',
  'erasure.reapplied': 'how many rows, keys and histories went again',
  'erasure.endKeptIntent': 'which kept categories are about to go',
  'erasure.keptEnded':
    'once for each: the category, and `how`: `erased`; `cameBack`, the person is a customer again and keeps their own row (identity, contact, consents); `gone`, a later request had taken it',
  'erasure.keptInSlack':
    'kept words are gone here and stand in Slack still, so they have not ended: the next night tries again',
  'erasure.keptReviewed':
    'what a night found that no night before had: `decided` with category, why, statute and until of what stays (a hold’s own words left out), `unclear` or `anotherRequest`',
} as const;

export const AUDIT_ACTIONS = {
  Tickets: TICKETS,
  'Messages and mails': MESSAGES,
  'People, steps and providers': WORK,
  'Keys, policies and this log': CONTROL,
  'What is held of people': PRIVACY,
  'Requests for erasure': REQUESTS,
  'Steps of an erasure': STEPS,
} as const;

type Groups = typeof AUDIT_ACTIONS;
/** What an entry of the log may say; every writer of the log says one of these. */
export type AuditAction = { [G in keyof Groups]: keyof Groups[G] & string }[keyof Groups];

/** What stands behind the dot: `WhatOf<'key'>` is `made` or `revoked`. */
export type WhatOf<Of extends string, Action = AuditAction> = Action extends `${Of}.${infer What}` ? What : never;

/** What an erasure logs before it does it: `IntentOf<'erasure'>` is `shred`, `mail`, … */
export type IntentOf<Of extends string, What = WhatOf<Of>> = What extends `${infer Step}Intent` ? Step : never;

/** What a ticket's timeline says is done by then, `taskAsked` as well. */
type Before =
  | Exclude<Extract<AuditAction, `${string}Intent` | `${string}.intent` | `${string}Asked`>, `ticket.${string}`>
  | 'retention.asked'
  | 'monthlyAudit.asked';

/** What is logged before it is done, and what the log says then, whatever came of it; a new one without its outcome does not compile. */
export const OUTCOMES: Readonly<Record<Before, readonly AuditAction[]>> = {
  'delivery.intent': ['delivery.outcome'],
  'incident.intent': ['incident.outcome'],
  'notice.intent': ['notice.outcome'],
  'summary.intent': ['summary.outcome'],
  'http.intent': ['http.outcome'],
  'flowTask.answerAsked': ['flowTask.answered'],
  'runMessage.intent': ['runMessage.outcome'],
  'humanTask.intent': ['humanTask.told'],
  'parkedBatch.cancelAsked': ['parkedBatch.cancelAnswered'],
  'monthlyAudit.asked': ['monthlyAudit.answered'],
  'monthlyAudit.mailIntent': ['monthlyAudit.mailSent', 'monthlyAudit.mailFailed'],
  'retention.asked': ['retention.answered'],
  'retention.intent': ['retention.emptied'],
  'retention.runsIntent': ['retention.runsEmptied'],
  'retention.slackIntent': ['retention.slackRemoved'],
  'erasure.approveAsked': ['erasure.approveAnswered'],
  'erasure.refuseAsked': ['erasure.refuseAnswered'],
  'erasure.extendAsked': ['erasure.extendAnswered'],
  'erasure.vouchAsked': ['erasure.vouchAnswered'],
  'erasure.retryAsked': ['erasure.retryAnswered'],
  'erasure.skipAsked': ['erasure.skipAnswered'],
  'erasure.cancelIntent': ['erasure.drained'],
  'erasure.terminateIntent': ['erasure.drained'],
  'erasure.removeFilesIntent': ['erasure.filesRemoved'],
  'erasure.maskFilesIntent': ['erasure.filesMasked'],
  'erasure.tellIntent': ['erasure.recipient'],
  'erasure.mailIntent': ['erasure.mailSent', 'erasure.mailFailed'],
  'erasure.shredIntent': ['erasure.shred'],
  'erasure.deleteHistoriesIntent': ['erasure.deleteHistories'],
  'erasure.closeWindowIntent': ['erasure.closeWindow'],
  'erasure.reapplyIntent': ['erasure.reapplied'],
  'erasure.endKeptIntent': ['erasure.keptEnded', 'erasure.keptInSlack'],
};

export interface Logged {
  readonly action: string;
  readonly object: string;
  readonly after: { readonly occasion?: unknown; readonly recipient?: unknown } | null;
}

/** Of these entries, the oldest first, the intents after which nothing says what came of them. One that was begun again ends with the last. */
export function openIntents<Entry extends Logged>(entries: readonly Entry[]): Entry[] {
  const open = new Map<string, Entry>();
  for (const entry of entries) {
    const of = (action: string) => `${action} ${entry.object} ${entry.after?.occasion ?? entry.after?.recipient ?? ''}`;
    if (Object.hasOwn(OUTCOMES, entry.action)) open.set(of(entry.action), entry);
    for (const [before, outcomes] of Object.entries(OUTCOMES)) {
      if (outcomes.some((outcome) => outcome === entry.action)) open.delete(of(before));
    }
  }
  return [...open.values()];
}

const ALL: readonly string[] = Object.values(AUDIT_ACTIONS).flatMap((group) => Object.keys(group));

export function isAuditAction(action: string): action is AuditAction {
  return ALL.includes(action);
}

/** Those that may be meant by a word that is none: of the same thing or with the same ending, the most alike first. */
export function actionsNear(word: string): readonly string[] {
  const [of = '', what = ''] = word.toLowerCase().split('.');
  const scored = ALL.map((action) => {
    const [itsOf = '', itsWhat = ''] = action.toLowerCase().split('.');
    const alike = Math.max(pairsIn(what, itsWhat), pairsIn(of, itsWhat));
    return { action, alike: alike + (of === itsOf ? 0.5 : pairsIn(of, itsOf) / 3) };
  });
  const near = scored.filter(({ alike }) => alike > 0.75).sort((a, b) => b.alike - a.alike);
  return near.slice(0, MOST_NEAR).map(({ action }) => action);
}

const MOST_NEAR = 5;

/** How much of two words is the same, by pairs of letters: 0 to 1. */
function pairsIn(a: string, b: string): number {
  const pairs = (word: string) => Array.from({ length: Math.max(0, word.length - 1) }, (_, i) => word.slice(i, i + 2));
  const [left, right] = [pairs(a), pairs(b)];
  if (left.length + right.length === 0) return 0;
  return (2 * left.filter((pair) => right.includes(pair)).length) / (left.length + right.length);
}
