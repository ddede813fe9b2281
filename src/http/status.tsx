/** A ticket's private page. Mails link here, and mail programs open links by themselves: a GET changes nothing. */
import { Hono } from 'hono';
import { MAX_MESSAGE } from '../schema/fields.ts';
import type { FollowUp } from '../schema/followUp.ts';
import { isAway } from './away.ts';
import { continueTicket } from './continue.ts';
import type { GatewayDeps } from './deps.ts';
import { newEvent, ratingOf, replyOf, saidIn, statusPath } from './formEvents.ts';
import { page, readForm, seeOther, shown } from './html.tsx';
import { type FormErrors, NO_ERRORS } from './pages/fields.tsx';
import { ArrivingPage, FormsPage, StatusPage } from './pages/status.tsx';
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
    if (answer === null) return again(AWAY, 503);
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
    if (answer === null) return again(AWAY, 503);
    await shown(async () => (await deps.pages.statusPage(ticketId))?.rating === score);
    return seeOther(`${statusPath(deps, ticketId)}?sent=rating`);
  });
  return routes;
}

/** Null when Temporal or the store is away: what was typed must not be lost over that. */
async function tellOrAway(deps: GatewayDeps, event: FollowUp) {
  try {
    return await continueTicket(deps, event, await deps.intake.ticket(event.ticketId, event), 'form');
  } catch (error) {
    if (isAway(error)) return null;
    throw error;
  }
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
  const body =
    ticket === null ? <FormsPage ticketId={ticketId} {...forms} /> : <StatusPage ticket={ticket} {...forms} />;
  return page(body, status, status === 503 ? RETRY_LATER : {});
}
