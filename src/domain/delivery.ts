/** How a message reaches its recipient. */
export type Channel = 'mail' | 'slack' | 'pagerduty';
/** Who carries it: the channel's provider, or files for a person to read where no provider is configured. */
export type Transport = 'ses' | 'slack' | 'pagerduty' | 'outbox';

/**
 * queued -> sending -> sent. `unknown`: the provider may have taken it and its answer is lost; `failed`: refused for good, or given up;
 * `suppressed`: nobody to send it to (no address known, or no mail may go there), the answer waits on the status page. Of a mail that was
 * sent the provider may say later: `delivered`, `bounced` (it came back), `complained` (the recipient calls it spam). `summarised`: one of too
 * many of its kind, so one message stands for all of them.
 */
export type DeliveryStatus =
  | 'queued'
  | 'sending'
  | 'sent'
  | 'unknown'
  | 'delivered'
  | 'bounced'
  | 'complained'
  | 'failed'
  | 'suppressed'
  | 'summarised';

/** Nobody sends it any more. */
export const NOT_TO_SEND: readonly DeliveryStatus[] = ['sent', 'delivered', 'bounced', 'complained', 'suppressed'];

export type TemplateName =
  | 'welcome'
  | 'bot-answer'
  | 'handed-over'
  | 'agent-reply'
  | 'escalation'
  | 'parked'
  | 'sla-warned'
  | 'sla-breached'
  | 'undelivered'
  | 'other-sender'
  | 'call'
  | 'page'
  | 'page-instead'
  | 'notify-customer'
  | 'notify'
  | 'notify-page';
/** Word that is told beside a ticket's way: it may wait for quiet hours to end. Whoever has to take a ticket is called at once. */
export const MAY_WAIT: readonly TemplateName[] = [
  'parked',
  'sla-warned',
  'sla-breached',
  'undelivered',
  'other-sender',
  'notify',
];
/** Letters that belong to no ticket. */
export type LetterName =
  | 'erasure-code'
  | 'erasure-cooling'
  | 'erasure-nobody'
  | 'erasure-outcome'
  | 'erasure-extension'
  | 'erasure-officers'
  | 'monthly-audit'
  | 'incident-opened'
  | 'incident-stopped'
  | 'incident-closed'
  | 'notice-began'
  | 'notice-ended'
  | 'task-asked'
  | 'task-ended'
  | 'summary';

/** `contact`: somebody outside whom `policies/team.yaml` names. */
export type RecipientKind = 'customer' | 'agent' | 'team' | 'contact';

/** Too many: more than `messages` of one template to one recipient over one channel within `withinMs`. */
export interface Storm {
  readonly messages: number;
  readonly withinMs: number;
}

/** One message: unique by (ticket, occasion, recipient, channel). */
export interface DeliveryRequest {
  readonly ticketId: string;
  /** Why it is sent: state name and entry number, event id, or deadline id. */
  readonly occasion: string;
  readonly recipient: { readonly kind: RecipientKind; readonly id: string };
  readonly channel: Channel;
  readonly template: TemplateName;
  /** Ids and labels that the template needs beside the ticket (`articleId`, `error`, …). */
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>;
  /** Where too many of its kind come as one: how many are too many. */
  readonly storm?: Storm;
}

export interface Delivery extends DeliveryRequest {
  readonly id: string;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  /** Sends made although an earlier answer was lost. */
  readonly repeats: number;
  readonly messageId: string | null;
  readonly transport: Transport;
  /** Where it is counted, if it may go out with others in one message. */
  readonly windowId?: string;
}
