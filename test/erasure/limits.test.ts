import { expect, test } from 'vitest';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { askByForm, hurried, post } from './support.ts';

/* How often somebody may ask: strangers by where they come from, everybody by whom they ask for. */

const providers = useProviders();
const steward = useSteward({
  settings: () => ({ ...providers.settings('ses'), STEWARD_TRUSTED_PROXIES: '1' }),
  privacy: (policy) => ({
    ...policy,
    erasure: { ...hurried(policy).erasure, perAddressAndDay: 2, perSourceAndDay: 2 },
  }),
});

const address = () => `l${Math.random().toString(36).slice(2)}@customer.example`;
async function byForm(email: string, forwarded = '198.51.100.1'): Promise<number> {
  const form = await (await steward.app.request('/privacy')).text();
  const token = /name="token" value="([^"]+)"/.exec(form)?.[1] ?? '';
  return (await post(steward, '/privacy', { token, email }, { 'x-forwarded-for': forwarded })).status;
}
async function byKey(email: string): Promise<number> {
  const response = await steward.app.request('/v1/erasures', {
    method: 'POST',
    headers: { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ email }),
  });
  return response.status;
}
async function byEvent(email: string): Promise<number> {
  const event = {
    source: 'support.platform',
    id: `e-${email.replace('@', '-at-')}`,
    'detail-type': 'erasure.requested',
    detail: { email },
  };
  return (await steward.post(event)).status;
}
async function inTurn(ask: (email: string) => Promise<number>, emails: readonly string[]): Promise<number[]> {
  const answers: number[] = [];
  for (const email of emails) answers.push(await ask(email));
  return answers;
}

test('who asks for many people by the form is turned away, who has a key and passes on what they ask is not', async () => {
  const people = Array.from({ length: 4 }, address);
  expect(await inTurn(byForm, people)).toEqual([303, 303, 429, 429]);
  // More than the policy that comes with Steward lets one source ask for.
  const many = (ask: (email: string) => Promise<number>) => inTurn(ask, Array.from({ length: 21 }, address));
  expect(new Set(await many(byKey))).toEqual(new Set([202]));
  expect(new Set(await many(byEvent))).toEqual(new Set([202]));
});

test('behind a proxy visitors are told apart, whatever they say of themselves', async () => {
  const from = (forwarded: string) => (email: string) => byForm(email, forwarded);
  const three = Array.from({ length: 3 }, address);
  expect(await inTurn(from('203.0.113.7'), three)).toEqual([303, 303, 429]);
  expect(await byForm(address(), '192.0.2.1, 203.0.113.7')).toBe(429);
  expect(await byForm(address(), '203.0.113.7, 203.0.113.8')).toBe(303);
});

test('strangers are not written to without end: not from one network with its many addresses, not to one address', async () => {
  const from = (forwarded: string) => (email: string) => byForm(email, forwarded);
  const [one, two, three, often] = [address(), address(), address(), address()];
  expect(await from('2001:db8:5::1')(one)).toBe(303);
  expect(await from('2001:db8:5:0:1:2:3:4')(two)).toBe(303);
  expect(await from('2001:db8:5::ffff')(three)).toBe(429);
  const each = ['2001:db8:6::1', '2001:db8:7::1', '2001:db8:8::1'];
  expect(await Promise.all(each.slice(0, 2).map((where) => from(where)(often)))).toEqual([303, 303]);
  expect(await from('2001:db8:8::1')(often)).toBe(429);
  const to = (email: string) => providers.aws.mails.filter(({ raw }) => raw.includes(email)).length;
  await outcome(() => expect([to(one), to(two), to(often)]).toEqual([1, 1, 2]));
  expect(to(three)).toBe(0);
});

test('nobody asks for the same person again and again, with a key or without', async () => {
  const one = address();
  expect(await inTurn(byKey, [one, one, one])).toEqual([202, 202, 429]);
});

test('a form that is sent again counts for where it comes from: nobody tries out by it whose request it is', async () => {
  const { path, requestId } = await askByForm(steward, address());
  const token = path.slice(path.lastIndexOf('/') + 1);
  const tryAddress = async () =>
    (await post(steward, '/privacy', { token, email: address() }, { 'x-forwarded-for': '198.51.100.77' })).status;
  expect(requestId).not.toBe('');
  expect([await tryAddress(), await tryAddress(), await tryAddress()]).toEqual([409, 409, 429]);
});
