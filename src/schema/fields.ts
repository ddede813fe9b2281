/** The fields that events share. Each schema's error text says what the field should be; `check` adds what came. */
import { z } from 'zod';
import { TICKET_ID } from '../domain/envelope.ts';
import { mayStay } from '../domain/event-key.ts';
import { MESSAGE_ID } from '../domain/message-id.ts';
import { namesSomebody } from '../domain/names-somebody.ts';

export const MAX_MESSAGE = 100_000;
export const MAX_SUBJECT = 500;

/** Something, somewhere: whether it can be reached only a mail server knows. No control characters: it becomes a header. */
const EMAIL = /^[^\s@<>(),;:"\p{Cc}\p{Cs}]{1,64}@[^\s@<>(),;:"\p{Cc}\p{Cs}]{1,189}$/u;
// Checked by functions, not by zod's `regex`: JSON Schema, and so the OpenAPI document, knows no flags.
const PRINTABLE = /^[^\p{Cc}\p{Cs}]*$/u;

const hasNoNul = (text: string) => !text.includes('\u0000');
/** Platforms cut texts in the middle of an emoji; half of one is no reason to lose a ticket, but UTF-8 can't carry it. */
export const wellFormed = (text: string) => text.replace(/\p{Cs}/gu, '\uFFFD');
const oneLine = (text: string) =>
  wellFormed(text)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();

const ID_WORDS = 'letters, digits, ".", "_", ":" and "-", at most 100, beginning with a letter or digit';
export const id = z.string({ error: 'text' }).regex(TICKET_ID, { error: ID_WORDS });

/** One printable line, not empty. */
export function label(max: number) {
  const error = `1 to ${max} printable characters on one line`;
  return z
    .string({ error: 'text' })
    .trim()
    .min(1, { error })
    .max(max, { error })
    .refine((text) => PRINTABLE.test(text), { error });
}

const STAYS = 'it stays when the customer is erased';

/** What a ticket is sorted by: kept when its customer is gone, in the audit log for good, so it must not lead to one. */
export function ticketLabel(max: number) {
  const error = `a label without an e-mail address or telephone number, since ${STAYS}`;
  return label(max).refine((text) => namesSomebody(text) === null, { error });
}

/** An id, or the name of a source, as its sender gives it: kept likewise. */
export function senderId(max: number) {
  const error = `an id without an "@", as addresses and Message-IDs have it, since ${STAYS}`;
  return label(max).refine(mayStay, { error });
}

/** Free text on one line; line breaks and other control characters become a blank. */
export function line(max: number) {
  const error = `text of at most ${max.toLocaleString('en')} characters, none of them NUL`;
  return z.string({ error: 'text' }).max(max, { error }).refine(hasNoNul, { error }).transform(oneLine);
}

const MESSAGE_WORDS = `text of 1 to ${MAX_MESSAGE.toLocaleString('en')} characters, none of them NUL`;
export const message = z
  .string({ error: 'text' })
  .max(MAX_MESSAGE, { error: MESSAGE_WORDS })
  .regex(/\S/, { error: MESSAGE_WORDS })
  .refine(hasNoNul, { error: MESSAGE_WORDS })
  .transform(wellFormed);

const MESSAGE_ID_WORDS = 'a Message-ID in angle brackets, of at most 250 characters';
export const messageId = z
  .string({ error: 'text' })
  .refine((text) => MESSAGE_ID.test(text), { error: MESSAGE_ID_WORDS });
/** What a ticket keeps of a mail beside its text. */
export const mail = z.object({ messageId: messageId.nullish(), newWords: message.nullish() }, { error: 'an object' });

export const email = z
  .string({ error: 'text' })
  .trim()
  .refine((text) => EMAIL.test(text), { error: 'an e-mail address such as ada@example.com' });

const TIME_WORDS = 'a time of ISO 8601 such as 2026-04-23T10:15:00Z';
/** From 1970 on: PostgreSQL knows no year 0, and nobody wrote to us before. */
export const time = z.iso
  .datetime({ offset: true, error: TIME_WORDS })
  .refine((text) => Date.parse(text) >= 0, { error: `${TIME_WORDS}, not before 1970` });

export const object = { error: 'an object' };
export const score = z
  .int({ error: 'a whole number from 1 to 5' })
  .min(1, { error: 'a whole number from 1 to 5' })
  .max(5, { error: 'a whole number from 1 to 5' });

/** Without the fields that are absent; platforms write `null` for those. */
export function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== null && v !== undefined)) as Present<T>;
}
type Optional<T> = { [K in keyof T]: null extends T[K] ? K : undefined extends T[K] ? K : never }[keyof T];
export type Present<T> = { [K in Exclude<keyof T, Optional<T>>]: T[K] } & { [K in Optional<T>]?: NonNullable<T[K]> };
