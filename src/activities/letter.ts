import { cancellationSignal } from '@temporalio/activity';
import type { Deps, Mail } from '../deps.ts';
import type { LetterName } from '../domain/delivery.ts';
import type { JsonObject } from '../domain/json.ts';

export type LetterParts = Pick<Deps, 'templates' | 'mailer' | 'outbox'>;

/** A mail that belongs to no ticket. */
export interface Letter extends Omit<Mail, 'subject' | 'text'> {
  readonly template: LetterName;
  readonly data: JsonObject;
}

const SEND_MS = 20_000;

/** By the mail provider where there is one, else into the outbox. */
export async function sendLetter(
  { templates, mailer, outbox }: LetterParts,
  { template, data, ...head }: Letter,
  signal?: AbortSignal,
): Promise<void> {
  const mail = { ...head, ...(await templates.render(template, data)) };
  if (mailer) await mailer.send(mail, signal ?? AbortSignal.any([cancellationSignal(), AbortSignal.timeout(SEND_MS)]));
  else await outbox.write({ channel: 'mail', mail });
}
