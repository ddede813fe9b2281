/** Messages: what is sent, by whom, and where it goes. */

import type { AskAct } from './domain/ask.ts';
import type { Channel, RecipientKind } from './domain/delivery.ts';
import type { ProviderError } from './domain/errors.ts';
import type { JsonObject } from './domain/json.ts';
import type { Severity } from './domain/path.ts';
import type { PageAction } from './domain/path-follow.ts';

export interface Mail {
  readonly deliveryId: string;
  readonly ticketId: string;
  readonly to: { readonly address: string; readonly name: string | null };
  readonly subject: string;
  readonly text: string;
  /** Where an answer goes, in the place of the sender. */
  readonly replyTo?: string | undefined;
  /** Message-IDs of the mails that it answers, the oldest first. */
  readonly answers?: readonly string[];
}
export interface SlackMessage {
  readonly deliveryId: string;
  readonly ticketId: string;
  readonly channel: string;
  readonly text: string;
  /** In the place of the text, where Slack shows more than text. */
  readonly card?: Card;
  /** What was said about the ticket before, to stand below it. */
  readonly thread?: SlackThread;
  readonly task?: TaskCard;
}
/** What of a ticket's messages is known to be in Slack, wherever it stands there. */
export interface SlackThread {
  /** The ids of those that are, the oldest first. */
  readonly earlier: readonly string[];
  /** Whether another one is there, nobody knows: its answer is lost or still to come. */
  readonly isInDoubt: boolean;
  /** Shown in the channel as well. */
  readonly isUrgent: boolean;
}
/** A message about a ticket at which one of us may do something. */
export interface Card {
  readonly ticketId: string;
  readonly round: number;
  readonly title: string;
  /** Name and value. */
  readonly fields: readonly (readonly [string, string])[];
  /** The customer's words, what they wrote last first. */
  readonly quotes: readonly string[];
  /** What became of it. */
  readonly said: string | null;
  readonly acts: readonly AskAct[];
  readonly link: string;
}
/** A message by which one of us is asked to decide something. */
export interface TaskCard {
  readonly taskId: string;
  readonly title: string;
  /** Name and value. */
  readonly fields: readonly (readonly [string, string])[];
  /** What became of it. */
  readonly said: string | null;
  readonly acts: readonly string[];
  readonly link: string | null;
}
/** Sends one message and returns the provider's id for it. @throws ProviderError */
export interface Mailer {
  send(mail: Mail, signal: AbortSignal): Promise<string>;
}
export interface SlackPoster {
  post(message: SlackMessage, signal: AbortSignal): Promise<string>;
  /** Looks for a message of this delivery that is already there: its id, or null. */
  find(message: SlackMessage, signal: AbortSignal): Promise<string | null>;
}
/** A message of ours that stands in Slack, or may stand there. */
export interface SlackCopy {
  /** `channel:timestamp`; null: nobody heard whether it was posted. */
  readonly messageId: string | null;
  readonly lost?: LostSlackMessage;
}
/** By what a message is found whose id nobody has. */
export interface LostSlackMessage {
  readonly deliveryId: string;
  readonly ticketId: string;
  readonly recipient: { readonly kind: RecipientKind; readonly id: string };
  /** Ids of those below one of which it may stand. */
  readonly earlier: readonly string[];
  /** Epoch ms: between these it was tried to post it. */
  readonly from: number;
  readonly to: number;
}
export interface SlackCopies {
  /**
   * Takes these away, replies before what they stand below. `gone` hears of each that stands there no more; `stood`: false where it never
   * did. What Slack refuses keeps none of the others; where it is away, or too much is asked of it, this stops. Answers with the error that
   * stopped it, else the first refusal; null: all are gone.
   */
  takeAway<Copy extends SlackCopy>(
    copies: readonly Copy[],
    gone: (copy: Copy, stood: boolean) => Promise<void>,
    signal: AbortSignal,
  ): Promise<ProviderError | null>;
}
/** Messages that are there, and the people at them; only where Slack calls us back. */
export interface SlackDesk {
  /** Makes a message look like this. False: it is gone, or Slack has it changed no more. @throws ProviderError */
  redraw(
    messageId: string,
    message: Pick<SlackMessage, 'text' | 'card' | 'task'>,
    signal: AbortSignal,
  ): Promise<boolean>;
  /**
   * Says something to one person alone: at the address that came with their click, where it vanishes by itself, else in their own channel.
   * `written`: what they wrote, for the first of the two only: what stays in Slack has to be on record, to be taken away with its customer.
   * @throws ProviderError
   */
  whisper(
    to: { readonly user: string; readonly answerUrl: string | null },
    said: { readonly text: string; readonly written?: string | undefined },
    signal: AbortSignal,
  ): Promise<void>;
}
/** An event for PagerDuty. No personal data: ids and labels of ours. */
export interface PageEvent {
  readonly deliveryId: string;
  readonly ticketId: string;
  readonly action: PageAction;
  readonly dedupKey: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly text: string;
  readonly link: string;
}
/** Sends one event, as often as it takes: the key makes one incident of them. @throws ProviderError */
export interface Pager {
  send(event: PageEvent, signal: AbortSignal): Promise<string>;
}
/** Where messages go whose provider is not configured: files that a person can read. Writing one twice is harmless. */
export interface Outbox {
  write(message: {
    readonly channel: Channel;
    readonly mail?: Mail;
    readonly slack?: SlackMessage;
    readonly page?: PageEvent;
  }): Promise<string>;
}

/** @throws StewardError InvalidTemplate on an unfilled variable, before anything is sent. */
export interface Templates {
  render(name: string, data: JsonObject): Promise<{ readonly subject: string; readonly text: string }>;
  /** May the message be sent again when nobody knows whether it arrived? */
  repeats(name: string): boolean;
  /** Does it have to be seen at once? */
  isUrgent(name: string): boolean;
}

export interface Links {
  /** The private page of an erasure request. */
  erasurePage(requestId: string): string;
  /** The customer's private status page. */
  statusPage(ticketId: string): string;
  webUi(ticketId: string): string;
  /** Any workflow in the Temporal Web UI, by its id. */
  workflow(workflowId: string): string;
  /** Where answers to this message go; undefined: no address is set aside for them. */
  replyTo(ticketId: string, deliveryId: string): string | undefined;
  /** The page at which one of us decides what a mail asked them. */
  ask(asked: { readonly ticketId: string; readonly round: number; readonly agentId: string }): string;
  /** The page at which one of us decides a task. */
  task(asked: { readonly taskId: string; readonly agentId: string }): string;
}
