/** Where one of us decides what a mail asked them. Mail programs and scanners open links by themselves: a GET changes nothing. */
import { Hono } from 'hono';
import type { TicketView } from '../contract.ts';
import { actsOf, unmetAtFace } from '../domain/ask.ts';
import { sayFace, sayUnmet } from '../domain/ask-words.ts';
import { StewardError } from '../domain/errors.ts';
import { STATE_WORDS } from '../domain/words.ts';
import { MAX_MESSAGE } from '../schema/fields.ts';
import { isAway } from './away.ts';
import type { GatewayDeps } from './deps.ts';
import { newEvent } from './formEvents.ts';
import { page, readForm, seeOther } from './html.tsx';
import { ASK_CHOICES, type AskChoice, AskPage } from './pages/ask.tsx';
import { type FormErrors, NO_ERRORS } from './pages/fields.tsx';
import { RETRY_LATER, Refusal } from './refusal.ts';

type Parts = Pick<GatewayDeps, 'links' | 'client' | 'nameOf'>;
interface Asked {
  readonly ticketId: string;
  readonly round: number;
  readonly agentId: string;
  readonly name: string;
  readonly path: string;
}

export function askRoutes(deps: Parts): Hono {
  const routes = new Hono();
  const askedBy = (token: string): Asked => {
    const asked = deps.links.askOf(token);
    const name = asked && deps.nameOf(asked.agentId);
    // Who has left the team decides nothing any more.
    if (!asked || name === undefined) throw new Refusal(404, 'NotFound', 'This link opens nothing.');
    return { ...asked, name: name ?? '', path: `/ask/${encodeURIComponent(token)}` };
  };

  routes.get('/ask/:token', async (c) => {
    const asked = askedBy(c.req.param('token'));
    return show(deps, asked, { done: choiceOf(c.req.query('done') ?? '') });
  });

  routes.post('/ask/:token', async (c) => {
    const asked = askedBy(c.req.param('token'));
    const field = await readForm(c);
    const [act, message, event] = [choiceOf(field('act')), field('message'), field('event')];
    const again = (where: string, error: string, status: 409 | 422 | 503) =>
      show(deps, asked, { errors: new Map([[where, error]]), typed: message, chosen: act, event }, status);
    if (act === undefined) return again('act-claim', 'Choose what becomes of it.', 422);
    const wordless = act === 'claim' || act === 'solve';
    if (!wordless && message === '') return again('message', 'Write something.', 422);
    if (message.length > MAX_MESSAGE) return again('message', 'Use at most 100,000 characters.', 422);
    const { ticketId, round, agentId: by } = asked;
    try {
      // A second click is the same decision.
      const eventId = `${round}-${by}-${act}-${/^[0-9a-f]{32}$/.test(event) ? event : newEvent()}`;
      await deps.client.decide(ticketId, { by, act, round, ...(wordless ? {} : { message }) }, eventId);
    } catch (error) {
      if (isAway(error)) return again('', 'Not taken just now. Send it again in a minute.', 503);
      if (!(error instanceof StewardError)) throw error;
      if (error.code !== 'DecisionDenied') throw error;
      return again('', error.message, 409);
    }
    return seeOther(`${asked.path}?done=${act}`);
  });
  return routes;
}

function choiceOf(text: string): AskChoice | undefined {
  return ASK_CHOICES.find((act) => act === text);
}

interface Shown {
  readonly errors?: FormErrors;
  readonly typed?: string;
  readonly chosen?: AskChoice | undefined;
  readonly event?: string;
  readonly done?: AskChoice | undefined;
}

async function show(deps: Parts, asked: Asked, shown: Shown, status: 200 | 409 | 422 | 503 = 200): Promise<Response> {
  const { ticketId, round, agentId, name, path } = asked;
  const view = await look(deps, ticketId);
  const nameOf = (id: string) => deps.nameOf(id) ?? id;
  const now = view && view !== 'away' ? view.asked : undefined;
  const unmet = now && unmetAtFace({ id: now.round, face: now.face }, { by: agentId, round });
  // What was written must not be lost because Temporal does not answer just now.
  const isOver = view === null || (now !== undefined && (unmet != null || actsOf(now.face).length === 0));
  const denied = unmet ? sayUnmet(unmet, ticketId, nameOf) : undefined;
  const said = unmet && unmet.why !== 'over' ? denied : now && sayFace(now.face, nameOf);
  const state = view === null ? 'closed' : view === 'away' ? 'not known just now' : STATE_WORDS[view.state];
  // The workflow knows ids alone.
  const errors = status === 409 && denied ? new Map([['', denied]]) : (shown.errors ?? NO_ERRORS);
  const { typed = '', chosen, event = newEvent(), done } = shown;
  const props = { ticketId, name, state, said, path, event, errors, typed, chosen, done };
  return page(<AskPage {...props} isOver={isOver && typed === ''} />, status, status === 503 ? RETRY_LATER : {});
}

/** Null: its workflow is over. */
async function look({ client }: Parts, ticketId: string): Promise<TicketView | 'away' | null> {
  try {
    return await client.describe(ticketId);
  } catch (error) {
    if (error instanceof StewardError && error.code === 'TicketUnknown') return null;
    if (isAway(error)) return 'away';
    throw error;
  }
}
