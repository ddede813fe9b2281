/** HTML answers: their headers, the forms that come back, and a short wait for what was just sent. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from 'hono';
import { wellFormed } from '../schema/fields.ts';
import { readBody } from './body.ts';
import { mediaType } from './cloudevents.ts';
import { MessagePage } from './pages/layout.tsx';
import { Refusal, type RefusalStatus } from './refusal.ts';

/** The pages need our style sheet and nothing else: whatever a customer's text holds, no browser runs it. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
} as const;

type Jsx = ReturnType<typeof MessagePage>;

export async function page(
  body: Jsx,
  status: 200 | RefusalStatus = 200,
  headers: Readonly<Record<string, string>> = {},
) {
  return new Response(`<!doctype html>${await body}`, { status, headers: { ...PAGE_HEADERS, ...headers } });
}

const REFUSED: Partial<Record<RefusalStatus, { title: string; text: string }>> = {
  404: {
    title: 'Page not found',
    text: 'There is nothing at this address. Please check that you have the whole link.',
  },
  409: { title: 'That did not work', text: 'The ticket is closed and can not be continued. Please write to us anew.' },
  410: { title: 'That did not work', text: 'What this belongs to was erased. Please write to us anew.' },
  413: { title: 'Too long', text: 'That is more text than we can take at once. Please go back and shorten it.' },
  500: {
    title: 'Something went wrong',
    text: 'The fault is ours, and we have noted it. Please go back and try again.',
  },
  503: {
    title: 'Not available just now',
    text: 'We can not take messages at the moment. Please go back and try again in a minute.',
  },
};

export function refusalPage(refusal: Refusal, reference?: string) {
  const words = REFUSED[refusal.status] ?? { title: 'That did not work', text: 'Please go back and try again.' };
  return page(<MessagePage {...words} reference={reference} />, refusal.status, refusal.headers);
}

/** Room for the longest message, each character written as `%XX` several times over. */
const MAX_FORM_BYTES = 1024 * 1024;

/** The fields of a posted form: trimmed, with plain line ends, and empty where they are missing. */
export async function readForm(c: Context): Promise<(name: string) => string> {
  if (mediaType(c.req.header('content-type') ?? '') !== 'application/x-www-form-urlencoded') {
    throw new Refusal(415, 'MediaTypeUnknown', 'Send the form as application/x-www-form-urlencoded.');
  }
  const form = new URLSearchParams(new TextDecoder().decode(await readBody(c.req.raw, MAX_FORM_BYTES)));
  return (name) => wellFormed((form.get(name) ?? '').replaceAll('\u0000', '').replace(/\r\n?/g, '\n')).trim();
}

/** 303: whatever was posted, the browser gets what stands there. The place is a path of ours, never an address from outside. */
export function seeOther(path: string): Response {
  return new Response(null, {
    status: 303,
    headers: { location: path, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  });
}

/** Long enough for a workflow's first step, short enough for a person. */
const PATIENCE_MS = 2_000;
const LOOK_EVERY_MS = 50;

/**
 * Waits for what was sent to be written down, so that the next page shows it. It was taken already: when it takes longer, or the
 * store is away now, the page comes all the same.
 */
export async function shown(look: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    try {
      if (await look()) return;
    } catch {
      return;
    }
    await pause(LOOK_EVERY_MS);
  }
}
