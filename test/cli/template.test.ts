/** `steward template` on the real templates, and on a real database where it is about a ticket. */
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TEMPLATE_NAMES } from '../../src/adapters/templates.ts';
import { composePreviews } from '../../src/compose-preview.ts';
import { judge } from '../../src/config.ts';
import type { DeliveryRequest } from '../../src/domain/delivery.ts';
import { Secret } from '../../src/secret.ts';
import { changeOf, newTicket, useStores } from '../store/support.ts';
import { temporaryDirectory } from '../support/directory.ts';

import { runOn } from './support.ts';

const stores = useStores();

function steward(args: readonly string[], env: Record<string, string> = {}) {
  const { config } = judge({ STEWARD_MAIL_FROM: 'help@example.com', ...env });
  return runOn({ templates: async () => composePreviews(config, async () => new Secret(stores.url)) }, ...args);
}
async function json(...args: string[]) {
  const { out, err } = await steward([...args, '--json']);
  expect(err).toBe('');
  return JSON.parse(out);
}
const looked = (ticketId: string) =>
  stores.db
    .selectFrom('audit_entries')
    .select('after')
    .where('object', '=', `ticket/${ticketId}`)
    .where('action', '=', 'message.previewed')
    .execute();

describe('on example data', () => {
  test.each(TEMPLATE_NAMES)('%s is shown without a database, by every channel that it may take', async (name) => {
    const { config } = judge({});
    const noDatabase = () => Promise.reject(new Error('not asked for'));
    const { exit, out, err } = await runOn(
      { templates: async () => composePreviews(config, noDatabase) },
      'template',
      'preview',
      name,
    );
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toContain(`Template ${name} on example data. Nothing was sent`);
    expect(out).not.toMatch(/undefined|\{\{|\{%/);
  });

  test('what is asked of an agent has buttons in Slack and a link in the mail, which opens nothing', async () => {
    const { looks } = await json('template', 'preview', 'escalation');
    expect(looks.map(({ channel }: { channel: string }) => channel)).toEqual(['slack', 'mail']);
    expect(looks[0].blocks.map(({ type }: { type: string }) => type)).toContain('actions');
    expect(looks[1].text).toMatch(/leave a note: http.*~shown-to-nobody\n/);
  });

  test('an unknown name is told with those that there are', async () => {
    const { exit, err } = await steward(['template', 'preview', 'wellcome']);
    expect(exit).toBe(1);
    expect(err).toContain('there is no template "wellcome"; there are welcome, bot-answer');
  });

  test('one that does not render is told with line and variable', async () => {
    const dir = await temporaryDirectory();
    await cp('templates', dir, { recursive: true });
    await writeFile(join(dir, 'parked.liquid'), '---\nsubject: a\nrepeat: ask\n---\nHello\n{{ facts.colour }}\n');
    const { exit, err } = await steward(['template', 'preview', 'parked'], { STEWARD_TEMPLATES_DIR: dir });
    expect(exit).toBe(1);
    expect(err).toContain('template parked.liquid: undefined variable: facts.colour in line 6');
  });

  test('the list has every template', async () => {
    expect((await json('template', 'list')).map(({ name }: { name: string }) => name)).toEqual(TEMPLATE_NAMES);
  });
});

describe('about a ticket', () => {
  const more = { customerName: 'Grace Hopper', customerEmail: 'grace@customer.example', subject: 'Log-in' };
  const queue = (
    ticketId: string,
    request: Pick<DeliveryRequest, 'template' | 'recipient'> & Partial<DeliveryRequest>,
  ) => stores.deliveries.queue(changeOf(ticketId, 2), [{ ticketId, occasion: 'x#1', channel: 'mail', ...request }]);

  test('it is the message as it went out, from its own facts, and the look is logged without its words', async () => {
    const ticketId = await newTicket(stores, more);
    const facts = { step: 'Own#7', attempts: 1, error: 'E', cause: '' };
    await queue(ticketId, { template: 'parked', recipient: { kind: 'agent', id: 'ben' }, facts });
    const shown = await json('template', 'preview', 'parked', '--ticket', ticketId);
    expect(shown).toMatchObject({ ticketId, facts: 'delivery' });
    expect(shown.looks[1]).toMatchObject({ channel: 'mail', to: 'ben@support.example' });
    expect(shown.looks[1].subject).toBe(`${ticketId} is parked: Own#7 failed`);
    expect(await looked(ticketId)).toEqual([{ after: { template: 'parked' } }]);
  });

  test('one that was never sent is shown on the ticket’s data, and nothing is written but the log', async () => {
    const ticketId = await newTicket(stores, more);
    const { out } = await steward(['template', 'preview', 'welcome', '--ticket', ticketId]);
    expect(out).toContain('which has no such message yet');
    expect(out).toContain('--- Mail to grace@customer.example\nSubject: Welcome!');
    expect(out).toContain('Hello Grace Hopper,');
    expect(out).toMatch(/\/support\/t\/[^\s~]*~shown-to-nobody\n/);
    expect(await stores.read.deliveries(ticketId)).toEqual([]);
    expect(await looked(ticketId)).toHaveLength(1);
  });

  test('a ticket that is not there, and a letter that belongs to none, are told', async () => {
    expect((await steward(['template', 'preview', 'welcome', '--ticket', 'NONE'])).err).toContain(
      'there is no ticket NONE',
    );
    const { err } = await steward(['template', 'preview', 'erasure-code', '--ticket', 'NONE']);
    expect(err).toContain('belongs to no ticket; leave --ticket out');
  });
});
