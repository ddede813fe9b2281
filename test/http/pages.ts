/** What the tests of pages share: posting forms, and what every page owes to its readers. */
import { expect } from 'vitest';
import { post, tokenOf, type World } from './support.ts';

export const FORM = { 'content-type': 'application/x-www-form-urlencoded', authorization: '' };

export function send(world: World, path: string, fields: Record<string, string>) {
  return post(world, path, new URLSearchParams(fields).toString(), FORM);
}
export const statusOf = (ticketId: string) => `/support/t/${tokenOf(ticketId)}`;
export async function html(response: Response | Promise<Response>): Promise<string> {
  return (await response).text();
}

/** What every page owes to those who read it by ear or by keyboard. */
export function expectAccessible(page: string): void {
  expect(page).toMatch(/^<!doctype html><html lang="en">/);
  expect(page).toMatch(/<title>[^<]+<\/title>/);
  expect(page).toContain('name="viewport"');
  expect(page.match(/<h1/g)).toHaveLength(1);
  expect(page).toContain('<main id="main">');
  expect(page).toContain('href="#main"');
  expect(page).not.toMatch(/<script|style="|\son[a-z]+=/);
  const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map((m) => m[1]);
  expect(new Set(ids).size).toBe(ids.length);
  const labels = [...page.matchAll(/<label for="([^"]+)"/g)].map((m) => m[1]);
  for (const [field] of page.matchAll(/<(?:input|textarea)\b[^>]*>/g)) {
    if (field.includes('type="hidden"')) continue;
    expect(labels).toContain(/\sid="([^"]+)"/.exec(field)?.[1]);
  }
  for (const [, refs = ''] of page.matchAll(/aria-(?:describedby|labelledby)="([^"]+)"/g)) {
    for (const id of refs.split(' ')) expect(ids).toContain(id);
  }
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
}

export function expectPrivate(response: Response): void {
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
}
