/**
 * The web form. Needs no key and no script. Whoever puts it on the open internet wants a limit per sender in front of it; that is a
 * matter for the proxy as long as Steward has none of its own.
 */
import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { parseEnvelope } from '../schema/envelope.ts';
import { email, MAX_MESSAGE, MAX_SUBJECT } from '../schema/fields.ts';
import { isAway } from './away.ts';
import { continueTicket } from './continue.ts';
import { customerIdOf } from './customer.ts';
import type { GatewayDeps } from './deps.ts';
import { take } from './events.ts';
import { FORM_SOURCE, replyOf, saidIn, statusPath } from './formEvents.ts';
import { page, readForm, seeOther, shown } from './html.tsx';
import type { FormErrors } from './pages/fields.tsx';
import { NO_ERRORS } from './pages/fields.tsx';
import { STYLE } from './pages/style.ts';
import { SupportPage, type Typed } from './pages/support.tsx';
import { refusalOf } from './refusal.ts';

const FORM_TICKET = /^WEB-[0-9a-f]{16}$/;
const NOTHING: Typed = { name: '', email: '', subject: '', message: '' };

export function supportRoutes(deps: GatewayDeps): Hono {
  const routes = new Hono();
  routes.get('/', (c) => c.redirect('/support', 302));
  routes.get('/support/style.css', (c) =>
    c.body(STYLE, 200, {
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'x-content-type-options': 'nosniff',
    }),
  );
  routes.get('/support', () => page(<SupportPage token={newToken(deps)} typed={NOTHING} errors={NO_ERRORS} />));
  routes.post('/support', async (c) => {
    const field = await readForm(c);
    const typed: Typed = {
      name: field('name'),
      email: field('email'),
      subject: field('subject'),
      message: field('message'),
    };
    const token = field('token');
    const ticketId = deps.links.ticketOf(token);
    if (ticketId === null || !FORM_TICKET.test(ticketId)) {
      const errors = new Map([['', 'The form had expired. Your text is still here: please send it again.']]);
      return page(<SupportPage token={newToken(deps)} typed={typed} errors={errors} />, 422);
    }
    if (field('website') !== '') {
      // Robots fill in every field and don't come back; the odd person whose browser did so for them presses once more.
      const errors = new Map([
        ['', 'We could not tell you from a robot. Your text is still here: please send it again.'],
      ]);
      return page(<SupportPage token={token} typed={typed} errors={errors} />, 422);
    }
    const errors = errorsOf(typed);
    if (errors.size > 0) return page(<SupportPage token={token} typed={typed} errors={errors} />, 422);
    try {
      return seeOther(statusPath(deps, await submit(deps, ticketId, typed)));
    } catch (error) {
      if (!isAway(error)) throw error;
      const away = new Map([
        ['', 'We can not take messages at the moment. Your text is still here: please send it again in a minute.'],
      ]);
      return page(<SupportPage token={token} typed={typed} errors={away} />, 503, refusalOf(error).headers);
    }
  });
  return routes;
}

/**
 * A form's token is the private page of the ticket that it will become: signed, so that nobody can choose a ticket's id and be led to
 * the page of someone else's.
 */
function newToken(deps: GatewayDeps): string {
  const path = statusPath(deps, `WEB-${randomBytes(8).toString('hex')}`);
  return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
}

function errorsOf(typed: Typed): FormErrors {
  const errors = new Map<string, string>();
  if (typed.name.length > 200) errors.set('name', 'Your name is too long: use at most 200 characters.');
  // A domain without a dot is nobody's address out there, but a frequent slip.
  if (!email.safeParse(typed.email).success || !/@.+\.[^.]/.test(typed.email)) {
    errors.set('email', 'Enter your e-mail address, such as name@example.com.');
  }
  if (typed.subject === '') errors.set('subject', 'Enter a subject.');
  if (typed.subject.length > MAX_SUBJECT)
    errors.set('subject', `The subject is too long: use at most ${MAX_SUBJECT} characters.`);
  if (typed.message === '') errors.set('message', 'Enter your message.');
  if (typed.message.length > MAX_MESSAGE)
    errors.set('message', 'The message is too long: use at most 100,000 characters.');
  return errors;
}

/** The ticket on whose page the writer finds what they wrote. */
async function submit(deps: GatewayDeps, ticketId: string, typed: Typed): Promise<string> {
  const fresh = (await deps.intake.ticket(ticketId)) === null && (await open(deps, ticketId, typed));
  await shown(async () => (await deps.pages.statusPage(ticketId)) !== null);
  return fresh ? ticketId : goOn(deps, ticketId, typed.message);
}

/** False when the same form had come before. */
async function open(deps: GatewayDeps, ticketId: string, typed: Typed): Promise<boolean> {
  const result = parseEnvelope({
    source: FORM_SOURCE,
    'detail-type': 'ticket.created',
    detail: {
      ticketId,
      customerId: await customerIdOf(deps, typed.email),
      subject: typed.subject,
      message: typed.message,
      customerEmail: typed.email,
      ...(typed.name === '' ? {} : { customerName: typed.name }),
      channel: 'form',
    },
  });
  if ('problems' in result) throw new Error('the form lets through what the envelope does not');
  return !(await take(deps, result.envelope, null)).known;
}

/**
 * A form that comes again is a second click, or somebody went back to say it better: other words are a reply. While the first are not
 * written down nobody can tell, and a second click is by far the likelier.
 */
async function goOn(deps: GatewayDeps, ticketId: string, message: string): Promise<string> {
  const ticket = await deps.pages.statusPage(ticketId);
  if (ticket === null || saidIn(ticket, message)) return ticketId;
  const reply = replyOf(ticketId, 'form', message);
  const answer = await continueTicket(deps, reply, await deps.intake.ticket(ticketId, reply), 'form');
  await shown(async () => saidIn(await deps.pages.statusPage(answer.ticketId), message));
  return answer.ticketId;
}
