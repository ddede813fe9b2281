import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readSourceFile } from '../../src/adapters/source-files.ts';
import { checkSource, trySource } from '../../src/compose-sources.ts';
import { emptyDirectory } from '../support/files.ts';
import { publicJson } from '../support/public-data.ts';
import { zendeskEvent } from '../support/zendesk.ts';

const dir = emptyDirectory();
function source(content: unknown, name = 'desk.yaml'): string {
  const path = join(dir, name);
  writeFileSync(path, typeof content === 'string' ? content : stringify(content));
  return path;
}
const none = () => null;
const ZENDESK = 'sources/zendesk.yaml';
const created = {
  name: 'new',
  event: {
    id: '{$.id}',
    source: 'desk',
    'detail-type': 'ticket.created',
    detail: { ticketId: 'desk-{$.id}', customerId: '{$.who}', subject: ['{$.title}', 'No title'], message: '{$.text}' },
  },
};
const raw = { id: 12, who: 7, text: 'It broke.' };

describe('sources/zendesk.yaml', () => {
  test('is in order', async () => expect(await checkSource(ZENDESK)).toEqual([]));

  test('makes a customer’s comment a ticket, and a reply where the ticket is there, whole or cut out by an InputPath', async () => {
    const event = zendeskEvent();
    const expected = {
      envelope: {
        id: '5B2E0F7A9C1D4E6F8A0B2C4D6E8F0A1B-2',
        source: 'zendesk',
        'detail-type': 'ticket.created',
        detail: {
          ticketId: 'zendesk-4711',
          customerId: 'zendesk-700987654321',
          subject: 'Zendesk ticket 4711',
          message: 'The export stops at row 1,000. How do I get the rest?',
          channel: 'web',
        },
      },
      known: {
        ticketId: 'zendesk-4711',
        source: 'zendesk',
        eventId: '5B2E0F7A9C1D4E6F8A0B2C4D6E8F0A1B-2',
        said: { type: 'customerReplied', message: 'The export stops at row 1,000. How do I get the rest?' },
      },
    };
    expect(await trySource(ZENDESK, event, none)).toMatchObject(expected);
    expect(await trySource(ZENDESK, event.detail.ticket_event, none)).toMatchObject(expected);
  });

  test.each([
    [{ comment: { author: { id: 1, is_staff: true } } }, { type: 'agentReplied', agentId: 'zendesk-1' }],
    [{ type: 'Status Changed', previous: 'open', current: 'solved' }, { type: 'resolved' }],
    [{ type: 'Status Changed', previous: 'solved', current: 'open' }, { type: 'reopened' }],
  ])('%j is about a ticket that is there', async (change, said) => {
    const heard = await trySource(ZENDESK, zendeskEvent(change), none);
    expect(heard).toMatchObject({ followUp: { ticketId: 'zendesk-4711', said } });
  });

  test.each([
    [{ type: 'Tags Changed' }],
    [{ comment: { is_public: false } }],
    [{ type: 'Status Changed', previous: 'open', current: 'pending' }],
  ])('%j is ignored', async (change) => {
    expect(await trySource(ZENDESK, zendeskEvent(change), none)).toMatchObject({ ignored: true });
  });

  const published = publicJson<object>('zendesk-eventbridge/ticket_event.json');
  test.skipIf(published === null)('takes the event that AWS and Zendesk publish', async () => {
    expect(await trySource(ZENDESK, published, none)).toMatchObject({
      envelope: { source: 'zendesk', detail: { ticketId: 'zendesk-12', message: 'This is a negative sentiment.' } },
    });
    const whole = { 'detail-type': 'Support Ticket: Comment Created', detail: { ticket_event: published } };
    expect(await trySource(ZENDESK, whole, none)).toMatchObject({ envelope: { detail: { ticketId: 'zendesk-12' } } });
  });
});

describe('examples/sources/zendesk-webhooks.yaml', () => {
  const FILE = 'examples/sources/zendesk-webhooks.yaml';
  const event = (author: object) => ({
    id: 'd4f5c389',
    time: '2026-04-23T10:15:00.123456789Z',
    type: 'zen:event-type:ticket.comment_added',
    detail: { id: '5158', requester_id: '844', subject: 'Export', via: { channel: 'web_service' } },
    event: { comment: { id: '987', body: 'It stops.', is_public: true, author } },
  });

  test('is in order', async () => expect(await checkSource(FILE)).toEqual([]));
  test('makes a customer’s comment a ticket with its subject, and an agent’s a reply', async () => {
    expect(await trySource(FILE, event({ id: '844', is_staff: false }), none)).toMatchObject({
      envelope: { id: 'd4f5c389', detail: { ticketId: 'zendesk-5158', subject: 'Export', message: 'It stops.' } },
      known: { said: { type: 'customerReplied' } },
    });
    expect(await trySource(FILE, event({ id: '7', is_staff: true }), none)).toMatchObject({
      followUp: { ticketId: 'zendesk-5158', said: { type: 'agentReplied', agentId: 'zendesk-7' } },
    });
  });
});

describe('a mapping', () => {
  test('takes the first alternative that is there, and makes names of numbers', async () => {
    const file = source({ events: [created] });
    expect(await trySource(file, raw, none)).toMatchObject({
      envelope: {
        id: '12',
        detail: { ticketId: 'desk-12', customerId: '7', subject: 'No title', message: 'It broke.' },
      },
    });
    const titled = { ...raw, title: 'Broken' };
    expect(await trySource(file, titled, none)).toMatchObject({ envelope: { detail: { subject: 'Broken' } } });
  });

  test('says of what is missing or wrong the field, where it was to come from, and the line', async () => {
    const file = source({ events: [created] });
    const heard = await trySource(file, { ...raw, text: null, who: { name: 'Zoe' } }, none);
    expect(heard).toEqual({
      rule: 'new',
      problems: [
        { field: 'detail.customerId', message: 'expected text, got an object from $.who (line 9 of desk.yaml)' },
        { field: 'detail.message', message: 'expected text, got nothing from $.text (line 13 of desk.yaml)' },
      ],
    });
    expect(JSON.stringify(heard)).not.toContain('Zoe');
  });

  test('a rule holds by headers, by what the event says, and not where what it asks for is not there', async () => {
    const rule = (name: string, more: object) => ({ ...created, name, ...more });
    const file = source({
      events: [
        rule('by type', { when: { Variable: '$.kind', StringEquals: 'a' } }),
        rule('by header', { headers: { 'x-event': 'ticket.*' } }),
        { name: 'noise', when: { Variable: '$.kind', StringMatches: 'noise*' }, ignore: true },
      ],
    });
    const header = (name: string) => (name === 'x-event' ? 'ticket.new' : null);
    expect(await trySource(file, { ...raw, kind: 'a' }, none)).toMatchObject({ rule: 'by type' });
    expect(await trySource(file, raw, header)).toMatchObject({ rule: 'by header' });
    expect(await trySource(file, { ...raw, kind: 'noise, much' }, none)).toEqual({ ignored: true, rule: 'noise' });
    expect(await trySource(file, raw, none)).toEqual({
      rule: null,
      problems: [{ field: 'event', message: "none of the source's rules fits it: by type, by header, noise" }],
    });
  });

  test.each([null, 1, 'text', [], {}])('%j is refused, not stumbled over', async (event) => {
    expect(await trySource(source({ events: [created] }), event, none)).toHaveProperty('problems');
  });

  test('a name from an object’s prototype is no field', async () => {
    const file = source({ events: [{ ...created, when: { Variable: '$.constructor', IsPresent: true } }] });
    expect(await trySource(file, raw, none)).toHaveProperty('problems');
  });
});

test('everything that is wrong with a file is told at once, with the mend', async () => {
  const file = source({
    otherwise: 'maybe',
    events: [{ name: 'x', event: { source: 's', 'detail-type': 'ticket.new', detail: {} } }],
  });
  expect((await checkSource(file)).map(({ field }) => field)).toEqual(['otherwise', 'events.0.event.detail-type']);
  const contradictory = source({
    root: ['detail'],
    events: [
      {
        name: 'a',
        when: { Variable: '$.type', StringEqual: 'x' },
        event: { source: 's', 'detail-type': 'ticket.replied', detail: { text: 'x' } },
      },
      { name: 'b', ignore: true, event: created.event },
      { ...created, name: 'c', known: { ...created.event, id: '{$..x}' } },
    ],
  });
  const problems = await checkSource(contradictory);
  expect(problems).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ field: 'root.0', message: expect.stringContaining('a path begins with $') }),
      expect.objectContaining({ field: 'events.0.when', message: expect.stringContaining('operator') }),
      expect.objectContaining({ field: 'events.0.event', message: expect.stringContaining('needs id') }),
      expect.objectContaining({ field: 'events.0.event.detail', message: 'ticket.replied needs ticketId' }),
      expect.objectContaining({
        field: 'events.0.event.detail.text',
        message: expect.stringContaining('has no such field'),
      }),
      expect.objectContaining({ field: 'events.1', message: 'give one of event, run and ignore: true' }),
      expect.objectContaining({ field: 'events.2.known', message: 'is about a ticket that is there already' }),
      expect.objectContaining({
        field: 'events.2.known.id',
        message: expect.stringContaining('may name more than one place'),
      }),
    ]),
  );
  await expect(readSourceFile(source({ events: [created] }, 'Desk 1.yaml'))).rejects.toThrow(
    'name the file by small letters',
  );
});
