/** A ticket's private page. Mails link here, and mail programs open links by themselves: a GET changes nothing. */
import { Hono } from 'hono';
import { StewardError } from '../domain/errors.ts';
import { MAX_MESSAGE } from '../schema/fields.ts';
import type { FollowUp } from '../schema/followUp.ts';
import { isAway } from './away.ts';
import { continueTicket } from './continue.ts';
import type { GatewayDeps } from './deps.ts';
import { newEvent, ratingOf, replyOf, saidIn, statusPath } from './formEvents.ts';
import { page, readForm, seeOther, shown } from './html.tsx';
import { type FormErrors, NO_ERRORS } from './pages/fields.tsx';
import { ArrivingPage, ErasedPage, FormsPage, StatusPage } from './pages/status.tsx';
import { RETRY_LATER, Refusal } from './refusal.ts';

const AWAY = 'We can not take this at the moment. Please send it again in a minute.';

export function statusRoutes(deps: GatewayDeps): Hono {
  const routes = new Hono();
  const ticketIdOf = (token: string): string => {
    const ticketId = deps.links.ticketOf(token);
    if (ticketId === null) throw new Refusal(404, 'NotFound', 'This link opens no ticket.');
    return ticketId;
  };

  routes.get('/support/t/:token', async (c) => {
    const ticketId = ticketIdOf(c.req.param('token'));
    const ticket = await deps.pages.statusPage(ticketId);
    const path = statusPath(deps, ticketId);
    if (ticket === null) return page(<ArrivingPage ticketId={ticketId} path={path} />);
    if (ticket.erased !== 'no') return page(<ErasedPage ticketId={ticketId} erased={ticket.erased} refused={false} />);
    const sent = c.req.query('sent');
    return page(
      <StatusPage
        ticket={ticket}
        path={path}
        event={newEvent()}
        errors={NO_ERRORS}
        typed=""
        sent={sent === 'reply' || sent === 'rating' ? sent : undefined}
      />,
    );
  });
  // Whoever loads the address of an answered form again gets the page.
  routes.get('/support/t/:token/:act{reply|rate}', (c) => seeOther(statusPath(deps, ticketIdOf(c.req.param('token')))));

  routes.post('/support/t/:token/reply', async (c) => {
    const ticketId = ticketIdOf(c.req.param('token'));
    const field = await readForm(c);
    const message = field('message');
    const again = (error: string, status: 422 | 503) =>
      statusAgain(
        deps,
        ticketId,
        { errors: new Map([['message', error]]), typed: message, event: field('event') },
        status,
      );
    if (message === '') return again('Enter your reply.', 422);
    if (message.length > MAX_MESSAGE) return again('The reply is too long: use at most 100,000 characters.', 422);

    const answer = await tellOrAway(deps, replyOf(ticketId, field('event'), message));
    if (answer === 'away') return again(AWAY, 503);
    if (answer === 'erased') return erasedAgain(deps, ticketId);
    if (answer.ticketId !== ticketId) {
      await shown(async () => (await deps.pages.statusPage(answer.ticketId)) !== null);
      return seeOther(`${statusPath(deps, answer.ticketId)}?sent=reply`);
    }
    await shown(async () => saidIn(await deps.pages.statusPage(ticketId), message));
    return seeOther(`${statusPath(deps, ticketId)}?sent=reply`);
  });

  routes.post('/support/t/:token/rate', async (c) => {
    const ticketId = ticketIdOf(c.req.param('token'));
    const field = await readForm(c);
    const again = (error: string, status: 422 | 503) =>
      statusAgain(deps, ticketId, { errors: new Map([['score-1', error]]), typed: '', event: field('event') }, status);
    if (!/^[1-5]$/.test(field('score'))) return again('Choose a number from 1 to 5.', 422);

    const score = Number(field('score'));
    const answer = await tellOrAway(deps, ratingOf(ticketId, field('event'), score));
    if (answer === 'away') return again(AWAY, 503);
    if (answer === 'erased') return erasedAgain(deps, ticketId);
    await shown(async () => (await deps.pages.statusPage(ticketId))?.rating === score);
    return seeOther(`${statusPath(deps, ticketId)}?sent=rating`);
  });
  return routes;
}

/** `away`: Temporal or the store is, and what was typed must not be lost over that. */
async function tellOrAway(deps: GatewayDeps, event: FollowUp) {
  try {
    return await continueTicket(deps, event, await deps.intake.ticket(event.ticketId, event), 'form');
  } catch (error) {
    if (isAway(error)) return 'away';
    if (error instanceof StewardError && error.code === 'SubjectErased') return 'erased';
    throw error;
  }
}

/** Somebody had the page open while its ticket was erased. */
async function erasedAgain(deps: GatewayDeps, ticketId: string) {
  const erased = (await deps.pages.statusPage(ticketId).catch(() => null))?.erased;
  return page(<ErasedPage ticketId={ticketId} erased={erased === 'whole' ? 'whole' : 'inPart'} refused />, 410);
}

interface Again {
  readonly errors: FormErrors;
  readonly typed: string;
  readonly event: string;
}

/** The page once more, with what was typed: with or without the ticket, whose store may be what is away. */
async function statusAgain(deps: GatewayDeps, ticketId: string, again: Again, status: 422 | 503) {
  const forms = { ...again, path: statusPath(deps, ticketId) };
  const ticket = await deps.pages.statusPage(ticketId).catch((error: unknown) => {
    if (isAway(error)) return null;
    throw error;
  });
  // Whatever else is wrong with it, it would not be taken.
  if (ticket !== null && ticket.erased !== 'no') return erasedAgain(deps, ticketId);
  const body =
    ticket === null ? <FormsPage ticketId={ticketId} {...forms} /> : <StatusPage ticket={ticket} {...forms} />;
  return page(body, status, status === 503 ? RETRY_LATER : {});
}
