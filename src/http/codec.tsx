/**
 * The codec server of Temporal's Web UI and CLI: what lies encrypted in Temporal, for those who may read it. Every decode is written
 * down before it is answered.
 */
import { type Context, Hono } from 'hono';
import { may } from '../domain/access.ts';
import { type CodecBody, codecBody } from '../schema/codec.ts';
import { check } from '../schema/problems.ts';
import { keyMissing, roleMissing } from './access.ts';
import { parseJson, readBody } from './body.ts';
import type { AdmittedKey, GatewayDeps, RawPayload } from './deps.ts';
import { page, readForm } from './html.tsx';
import { shownKeyHash } from './keys.ts';
import { SignedInPage, SignInPage } from './pages/codec.tsx';
import { NO_ERRORS } from './pages/fields.tsx';
import { Refusal } from './refusal.ts';
import { type KeyedPages, sessionKey, signIn } from './sign-in.ts';

const MAX_BYTES = 16 * 1024 * 1024;
const TAKEN_HEADERS = 'authorization, authorization-extras, content-type, x-api-key, x-namespace, x-workflow-id';
const PAGES: KeyedPages = {
  path: '/codec',
  cookie: 'steward_codec',
  sameSite: 'Strict',
  act: 'decode',
  read: { said: 'what customers wrote', logged: 'encrypted payloads' },
};

export function codecRoutes(deps: GatewayDeps): Hono {
  const { codec } = deps;
  const routes = new Hono();

  routes.use('/codec/:act{decode|encode}', async (c, next) => {
    const origin = c.req.header('origin');
    await next();
    c.res.headers.append('vary', 'origin');
    if (origin !== codec.webUiOrigin) return;
    c.res.headers.set('access-control-allow-origin', origin);
    c.res.headers.set('access-control-allow-credentials', 'true');
  });
  routes.options('/codec/:act{decode|encode}', (c) => {
    if (c.req.header('origin') !== codec.webUiOrigin) throw foreign(deps);
    const allowed = { 'access-control-allow-methods': 'POST', 'access-control-allow-headers': TAKEN_HEADERS };
    return c.body(null, 204, { ...allowed, 'access-control-max-age': '600' });
  });

  routes.post('/codec/decode', async (c) => {
    const key = await keyOf(deps, c);
    const { payloads } = await readPayloads(c);
    const opened = await Promise.all(payloads.map((one) => codec.open(namespaceOf(c), rawOf(one))));
    const count = (outcome: string) => opened.filter((one) => one.outcome === outcome).length;
    const workflowIds = [...new Set(opened.flatMap((one) => (one.outcome === 'unchanged' ? [] : [one.workflowId])))];
    const audit = {
      key,
      workflowIds,
      opened: count('opened'),
      erased: count('erased'),
      unchanged: count('unchanged'),
    };
    await codec.record(audit);
    deps.log.info({ ...audit, key: key.id }, 'payloads decoded');
    return c.json({
      payloads: opened.map((one, i) => {
        if (one.outcome === 'opened') return jsonOf(one.payload);
        return one.outcome === 'erased' ? erased(one.keyId) : payloads[i];
      }),
    });
  });

  routes.post('/codec/encode', async (c) => {
    const key = await keyOf(deps, c);
    const { payloads } = await readPayloads(c);
    const workflowId = c.req.header('x-workflow-id')?.trim() ?? '';
    if (workflowId === '') {
      // `temporal workflow update` asks again until it times out, and does not show the answer.
      deps.log.warn({ key: key.id }, 'payloads refused: they came without X-Workflow-Id (--codec-header)');
      throw new Refusal(
        422,
        'InvalidRequest',
        'A payload is encrypted under the key of its workflow: name it in the header X-Workflow-Id, as in --codec-header X-Workflow-Id=ticket-TKT-1.',
      );
    }
    const sealed = await Promise.all(payloads.map((one) => codec.seal(namespaceOf(c), workflowId, rawOf(one))));
    deps.log.info({ key: key.id, workflowId, sealed: sealed.length }, 'payloads encoded');
    return c.json({ payloads: sealed.map(jsonOf) });
  });

  routes.all('/codec/:act{decode|encode}', () => {
    throw new Refusal(405, 'MethodNotAllowed', 'Send it with POST.', { headers: { allow: 'POST, OPTIONS' } });
  });

  routes.get('/codec', async (c) => {
    const key = await sessionKey(deps, c, PAGES);
    if (key === null) return page(<SignInPage errors={NO_ERRORS} />);
    return page(<SignedInPage keyName={key.name} endpoint={endpointOf(c)} webUi={codec.webUiOrigin} />);
  });
  routes.post('/codec', async (c) => {
    const field = await readForm(c);
    return signIn(deps, c, PAGES, { field, to: PAGES.path, again: (errors) => <SignInPage errors={errors} /> });
  });
  return routes;
}

/** Who asks: by API key, or by the cookie of a session from a page of the Web UI. @throws Refusal 401, 403 */
async function keyOf(deps: GatewayDeps, c: Context): Promise<AdmittedKey> {
  const origin = c.req.header('origin');
  // A program sends none. A browser always does, and lets other pages of this machine send our cookie along.
  if (origin !== undefined && origin !== deps.codec.webUiOrigin) throw foreign(deps);
  const hash = shownKeyHash(c.req.raw.headers);
  const key = hash === null ? await sessionKey(deps, c, PAGES) : (await deps.intake.admit(hash, null)).key;
  if (key !== null && may(key.role, 'decode')) return key;
  if (key !== null) throw roleMissing(key, 'decode');
  const { message, headers } = keyMissing();
  throw new Refusal(401, 'KeyMissing', `${message} In a browser sign in at /codec.`, { headers });
}

function foreign(deps: GatewayDeps): Refusal {
  return new Refusal(
    403,
    'OriginForeign',
    `Only pages of the Web UI at ${deps.codec.webUiOrigin} may ask; STEWARD_WEB_UI_URL names it, and a browser tells localhost and 127.0.0.1 apart.`,
  );
}

async function readPayloads(c: Context): Promise<CodecBody> {
  const read = check(codecBody, parseJson(await readBody(c.req.raw, MAX_BYTES)), 'body');
  if ('data' in read) return read.data;
  const message = 'The body is not as Temporal sends it to a codec server; "problems" names every wrong field.';
  throw new Refusal(422, 'InvalidRequest', message, { problems: read.problems });
}

/** The `temporal` program sends an empty one where it is told none. */
function namespaceOf(c: Context): string | null {
  return c.req.header('x-namespace')?.trim() || null;
}

function endpointOf(c: Context): string {
  return new URL('/codec', c.req.url).href;
}

function rawOf({ metadata, data }: CodecBody['payloads'][number]): RawPayload {
  const bytes = Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')] as const);
  return { metadata: Object.fromEntries(bytes), data: Buffer.from(data, 'base64') };
}

function jsonOf({ metadata, data }: RawPayload) {
  const texts = Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value).toString('base64')] as const);
  return { metadata: Object.fromEntries(texts), data: Buffer.from(data).toString('base64') };
}

/** What stands in the place of a payload whose key was destroyed. */
function erased(keyId: string) {
  const data = Buffer.from(JSON.stringify({ erased: true, keyId }));
  return jsonOf({ metadata: { encoding: Buffer.from('json/plain') }, data });
}
