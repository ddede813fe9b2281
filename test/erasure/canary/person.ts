import { randomBytes } from 'node:crypto';
import { spellings } from '../../support/marks.ts';

/** A person with a mark of its own in every field that a person's words or names can come into. */
export const TAG = randomBytes(4).toString('hex');
export const mark = (field: string) => `canary${field}${TAG}`;

export const EMAIL = `${mark('mail')}@birds.example`;
export const NAME = mark('name');
export const PHONE = '+49 151 77733388';
export const CUSTOMER = mark('customer');
/** What is said by a way that nobody encrypts. */
export const IN_CLEAR = ['clearsubject', 'clearmessage', 'clearreply'].map(mark);
/** By the same way: the id of what was said. We write no such id down. */
export const LABEL = `${mark('label')}@birds.example`;
const WORDS = [
  ...['subject', 'message', 'reply', 'agentreply', 'form', 'post', 'held', 'subject2', 'outbox'].map(mark),
  ...['statusreply', 'note', 'html', 'attachment', 'parked', 'evidence'].map(mark),
  ...['incident', 'slackform', 'slacknote', 'asked'].map(mark),
  ...IN_CLEAR,
];
/** Never in our hands for longer than it takes to refuse it, or to drop what nobody asked for. */
export const REFUSED = ['refused', 'malformed'].map(mark);
export const DROPPED = ['content', 'comment', 'endpoint', 'task', 'provider'].map(mark);

/** In Temporal alone, where it is encrypted. */
export const SEALED = ['early', 'told', 'child', 'token'].map(mark);

export const MARKS = [EMAIL, NAME, PHONE, CUSTOMER, ...WORDS];
export const wanted = spellings([...MARKS, ...REFUSED, ...DROPPED, ...SEALED, LABEL]);

/** As a platform tells of them. */
export const PERSON = { customerId: CUSTOMER, customerEmail: EMAIL, customerName: NAME, customerPhone: PHONE };
