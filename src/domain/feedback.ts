/** What Amazon SES says of a mail that it took: that it arrived, came back, or was complained of. Pure: its JSON in, our words out. */
import { type Json, type JsonObject, objectOf, parsedOrNull } from './json.ts';

export interface Feedback {
  readonly outcome: 'delivered' | 'bounced' | 'complained';
  /** SES's id of the mail: the delivery's `provider_message_id`. */
  readonly providerMessageId: string;
  /** When SES took the mail, epoch ms. */
  readonly sentAt: number;
  /** A label of SES's, such as `permanent bounce (General)`; what the other side's server said names addresses, and is dropped. */
  readonly reason: string | null;
  /** No mail will ever reach the recipient, or none is wanted. */
  readonly forGood: boolean;
}

/** An event whose mail failed, as its ticket is told. */
export type FailedOutcome = Exclude<Feedback['outcome'], 'delivered'>;

/**
 * `text`: the `Message` of an SNS notification. Both forms of SES are read: identity notifications (`notificationType`) and event publishing
 * (`eventType`). Null where it is anything else: a test message, an event such as `Open`, or one that changes nothing.
 */
export function readFeedback(text: string): Feedback | null {
  const event = objectOf(parsedOrNull(text));
  const mail = objectOf(event.mail);
  const { messageId, timestamp } = mail;
  const sentAt = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  if (typeof messageId !== 'string' || messageId === '' || Number.isNaN(sentAt)) return null;
  const said = outcomeOf(event);
  return said && { providerMessageId: messageId, sentAt, ...said };
}

function outcomeOf(event: JsonObject): Pick<Feedback, 'outcome' | 'reason' | 'forGood'> | null {
  switch (event.eventType ?? event.notificationType) {
    case 'Delivery':
      return { outcome: 'delivered', reason: null, forGood: false };
    case 'Bounce': {
      const { bounceType, bounceSubType } = objectOf(event.bounce);
      const type = label(bounceType, 'Undetermined').toLowerCase();
      return {
        outcome: 'bounced',
        reason: `${type} bounce (${label(bounceSubType, 'Undetermined')})`,
        forGood: type === 'permanent',
      };
    }
    case 'Complaint': {
      const { complaintFeedbackType, complaintSubType } = objectOf(event.complaint);
      // The mail program took it for spam, and the recipient says that it is none.
      if (complaintFeedbackType === 'not-spam') return null;
      const type = label(complaintSubType ?? complaintFeedbackType, 'unspecified');
      return { outcome: 'complained', reason: `complaint (${type})`, forGood: true };
    }
    default:
      return null;
  }
}

/** Labels end up in rows and logs: whatever looks like more than one is left out. */
function label(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' && /^[A-Za-z-]{1,40}$/.test(value) ? value : otherwise;
}
