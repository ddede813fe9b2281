/** Signing in to pages by an API key: a browser keeps its session in a cookie, which opens these pages only. */
import type { Context } from 'hono';
import { generateCookie, getCookie } from 'hono/cookie';
import { type Act, may, rolesThatMay } from '../domain/access.ts';
import type { AdmittedKey, GatewayDeps } from './deps.ts';
import { page, type readForm, seeOther } from './html.tsx';
import { shownKeyHash } from './keys.ts';
import type { FormErrors } from './pages/fields.tsx';

/** Pages behind a sign-in. */
export interface KeyedPages {
  readonly path: string;
  readonly cookie: string;
  readonly sameSite: 'Strict' | 'Lax';
  /** What a key has to be good for. */
  readonly act: Act;
  /** What they let one read: in the words for who is turned away, and in those of the log. */
  readonly read: { readonly said: string; readonly logged: string };
}

type Field = Awaited<ReturnType<typeof readForm>>;
type Page = Parameters<typeof page>[0];

/** The key whose session it is, whatever it may do; null when there is no session, or the key was revoked. */
export async function sessionKey(
  { codec }: Pick<GatewayDeps, 'codec'>,
  c: Context,
  { cookie }: KeyedPages,
): Promise<AdmittedKey | null> {
  const id = codec.sessions.keyOf(getCookie(c, cookie) ?? '');
  return id === null ? null : codec.liveKey(id);
}

/** Answers the form that signs in or out. Who is in goes on at `to`; who is turned away is asked `again`. */
export async function signIn(
  { codec, intake, log }: Pick<GatewayDeps, 'codec' | 'intake' | 'log'>,
  c: Context,
  { path, cookie, sameSite, act, read }: KeyedPages,
  { field, to, again }: { field: Field; to: string; again: (errors: FormErrors) => Page },
): Promise<Response> {
  const secure = new URL(c.req.url).protocol === 'https:' || c.req.header('x-forwarded-proto') === 'https';
  const attributes = { path, httpOnly: true, sameSite, secure };
  if (field('act') === 'out') {
    return withCookie(seeOther(path), generateCookie(cookie, '', { ...attributes, maxAge: 0 }));
  }
  const hash = shownKeyHash(new Headers({ 'x-api-key': field('key').replace(/[^\x21-\x7e]/g, '') }));
  const key = hash === null ? null : (await intake.admit(hash, null)).key;
  if (key === null || !may(key.role, act)) {
    const error =
      key === null
        ? 'This is no valid API key. It begins with stw_.'
        : `A key of the role ${key.role} may not read ${read.said}; ${rolesThatMay(act).join(' or ')} may.`;
    return page(again(new Map([['key', error]])), key === null ? 401 : 403);
  }
  const { sessions } = codec;
  const session = generateCookie(cookie, sessions.begin(key.id), { ...attributes, maxAge: sessions.seconds });
  log.info({ key: key.id }, `signed in to read ${read.logged}`);
  return withCookie(seeOther(to), session);
}

/** Hono's `setCookie` would not reach it: that is for answers which Hono makes. */
function withCookie(answer: Response, cookie: string): Response {
  answer.headers.append('set-cookie', cookie);
  return answer;
}
