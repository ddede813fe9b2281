/** `/privacy`: where a person asks to be forgotten, and sees what becomes of it. Needs no script; a GET changes nothing. */
import { Hono } from 'hono';
import { StewardError } from '../domain/errors.ts';
import { newErasureId } from '../erasure-requests.ts';
import { email } from '../schema/fields.ts';
import { isAway } from './away.ts';
import type { GatewayDeps } from './deps.ts';
import { page, readForm, seeOther } from './html.tsx';
import { type FormErrors, NO_ERRORS } from './pages/fields.tsx';
import { ErasurePage, PrivacyPage } from './pages/privacy.tsx';
import { Refusal, refusalOf } from './refusal.ts';
import { sourceOf } from './source.ts';

const AWAY = 'We can not take this at the moment. Please send it again in a minute.';

export function privacyRoutes(deps: GatewayDeps): Hono {
  const routes = new Hono();
  const requestOf = (token: string): string => {
    const requestId = deps.links.erasureOf(token);
    if (requestId === null) throw new Refusal(404, 'NotFound', 'This link opens no request.');
    return requestId;
  };
  const form = (typed: string, errors: FormErrors, status: 200 | 409 | 422 | 429 | 503 = 200, token = newToken(deps)) =>
    page(<PrivacyPage token={token} typed={typed} errors={errors} policy={deps.privacy} />, status);

  routes.get('/privacy', () => form('', NO_ERRORS));
  routes.post('/privacy', async (c) => {
    const field = await readForm(c);
    const typed = field('email');
    const requestId = deps.links.erasureOf(field('token'));
    if (requestId === null) return form(typed, whole('The form had expired. Please send it again.'), 422);
    const token = field('token');
    if (field('website') !== '') {
      return form(typed, whole('We could not tell you from a robot. Please send it again.'), 422, token);
    }
    const parsed = email.safeParse(typed);
    if (!parsed.success) {
      return form(typed, new Map([['email', 'Enter your e-mail address, such as name@example.com.']]), 422, token);
    }
    try {
      const source = sourceOf(c, deps.trustedProxies);
      await deps.erasures.ask({ requestId, asked: { email: parsed.data }, via: 'form', source });
      return seeOther(pathOf(deps, requestId));
    } catch (error) {
      // With a token of its own it is a request of its own.
      if (isConflict(error)) return form(typed, whole(SENT_BEFORE), 409);
      if (isTooMany(error)) return form(typed, whole(error.message), 429, token);
      if (!isAway(error)) throw error;
      return form(typed, whole(AWAY), 503, token);
    }
  });

  routes.get('/privacy/r/:token', async (c) => {
    const requestId = requestOf(c.req.param('token'));
    const found = await deps.erasures.look(requestId);
    if (found === null) throw new Refusal(404, 'NotFound', 'This link opens no request.');
    return page(<ErasurePage {...found} path={pathOf(deps, requestId)} errors={NO_ERRORS} policy={deps.privacy} />);
  });

  routes.post('/privacy/r/:token', async (c) => {
    const requestId = requestOf(c.req.param('token'));
    const field = await readForm(c);
    const found = await deps.erasures.look(requestId);
    if (found === null) throw new Refusal(404, 'NotFound', 'This link opens no request.');
    const again = (error: string, status: 422 | 503) =>
      page(
        <ErasurePage
          {...found}
          path={pathOf(deps, requestId)}
          errors={new Map([['code', error]])}
          policy={deps.privacy}
        />,
        status,
      );
    try {
      const answer = await deps.erasures.enterCode(requestId, field('code'));
      const now = (await deps.erasures.look(requestId)) ?? found;
      // Of two clicks at once the second finds that the first has done it.
      if (answer === 'proved' || now.row.provedAt !== null) return seeOther(pathOf(deps, requestId));
      if (answer === 'wrong' && now.code === 'awaited') return again(WRONG, 422);
      return page(
        <ErasurePage {...now} path={pathOf(deps, requestId)} errors={whole(OVER)} policy={deps.privacy} />,
        422,
      );
    } catch (error) {
      if (error instanceof StewardError && error.code === 'InvalidRequest') {
        return again('Enter the 8 digits of the mail, such as 0123 4567.', 422);
      }
      if (isAway(error)) return again(AWAY, 503);
      throw refusalOf(error);
    }
  });

  routes.post('/privacy/r/:token/stop', async (c) => {
    const requestId = requestOf(c.req.param('token'));
    const path = pathOf(deps, requestId);
    const again = async (error: string, status: 422 | 503) => {
      const found = await deps.erasures.look(requestId);
      if (found === null) throw new Refusal(404, 'NotFound', 'This link opens no request.');
      return page(<ErasurePage {...found} path={path} errors={whole(error)} policy={deps.privacy} />, status);
    };
    try {
      return (await deps.erasures.withdraw(requestId)) === 'withdrawn' ? seeOther(path) : again(TOO_LATE, 422);
    } catch (error) {
      if (!isAway(error)) throw error;
      return again(AWAY, 503);
    }
  });
  return routes;
}

const TOO_LATE = 'This request can not be stopped, or not any more.';
const SENT_BEFORE =
  'This form had been sent before, with another address or a while ago. Nothing was taken now: please send it once more.';
const WRONG = 'That is not the code. Look at the newest mail from us: it says how many tries a code has.';
const OVER = 'The code was not taken, and no further one is taken here. Please ask anew.';

function whole(error: string): FormErrors {
  return new Map([['', error]]);
}

function isConflict(error: unknown): boolean {
  return error instanceof StewardError && error.code === 'RequestConflict';
}

function isTooMany(error: unknown): error is StewardError {
  return error instanceof StewardError && error.code === 'TooManyRequests';
}

export function pathOf({ links }: Pick<GatewayDeps, 'links'>, requestId: string): string {
  return `/privacy/r/${tokenOf(links.erasurePage(requestId))}`;
}

/** A form's token is the private page of the request that it will become: two clicks are one request. */
function newToken({ links }: GatewayDeps): string {
  return tokenOf(links.erasurePage(newErasureId()));
}

function tokenOf(url: string): string {
  return decodeURIComponent(url.slice(url.lastIndexOf('/') + 1));
}
