import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publicFiles, publicPath } from '../support/public-data.ts';
import { createWorld, place, post, REFERENCE, tokenOf } from './support.ts';

const DOCUMENTS = publicPath('json-parsing/test_parsing');
const documents = publicFiles('json-parsing/test_parsing');

describe('T12: every JSON document of the public test suite as a body', () => {
  it.skipIf(documents.length === 0)(`gives no 5xx: 400 or 422 (skipped without ${DOCUMENTS})`, async () => {
    expect(documents).toHaveLength(318);
    for (const type of ['application/json', 'application/cloudevents+json']) {
      for (const name of documents) {
        const world = createWorld();
        const response = await post(world, '/v1/events', readFileSync(join(DOCUMENTS, name)), { 'content-type': type });
        // y_ must parse (and is no envelope), n_ must not, i_ is up to us.
        const right = name.startsWith('y_') ? [422] : name.startsWith('n_') ? [400] : [400, 422];
        expect([name, right.includes(response.status)]).toEqual([name, true]);
      }
    }
  });
});

describe.each(['/v1/erasures', '/codec/decode', '/codec/encode'])('T12: each such document as a body of %s', (path) => {
  it.skipIf(documents.length === 0)(
    `is refused as wrong, and nothing else (skipped without ${DOCUMENTS})`,
    async () => {
      const world = createWorld();
      world.role = 'operator';
      for (const name of documents) {
        const response = await post(world, path, readFileSync(join(DOCUMENTS, name)), {
          'x-workflow-id': 'ticket-TKT-1',
        });
        // y_ must parse: it asks for nothing (422), or in fields that nobody knows (400, by name). n_ must not, or is too large to be
        // tried; i_ is up to us.
        const right = name.startsWith('y_') ? [422] : name.startsWith('n_') ? [400, 413] : [400, 422];
        const { code } = (await response.json()) as { code: string };
        if (code === 'UnknownField') {
          expect([name, path, response.status, startsAnObject(name)]).toEqual([name, '/v1/erasures', 400, true]);
          continue;
        }
        expect([name, response.status, right.includes(response.status)]).toEqual([name, response.status, true]);
      }
    },
  );
});

const startsAnObject = (name: string) => readFileSync(join(DOCUMENTS, name), 'utf8').trimStart().startsWith('{');

const anyText = fc.string({ unit: 'binary', maxLength: 200 });
const fieldOfDetail = fc.oneof(
  anyText,
  fc.constant('TKT-1'),
  fc.double(),
  fc.constant(null),
  fc.constant('ada@example.com'),
  fc.jsonValue(),
);
const anyType = fc.constantFrom(
  'ticket.created',
  'ticket.replied',
  'ticket.resolved',
  'ticket.reopened',
  'ticket.rated',
  '__proto__',
  '',
);
const anyEvent = fc.record(
  {
    id: fc.oneof(anyText, fc.jsonValue()),
    source: fc.oneof(anyText, fc.constant('support.platform')),
    'detail-type': anyType,
    type: anyType,
    specversion: fc.constantFrom('1.0', '2', ''),
    data: fc.jsonValue(),
    detail: fc.dictionary(
      fc.constantFrom(
        ...Object.keys(REFERENCE.detail),
        'customerEmail',
        'score',
        'by',
        'agentId',
        '__proto__',
        'constructor',
        'toString',
      ),
      fieldOfDetail,
    ),
  },
  { requiredKeys: [] },
);
const header = fc
  .string({ unit: fc.constantFrom(...'abcXYZ019 %"\\/;=,.-_€~'), maxLength: 40 })
  .map((text) => encodeURI(text).slice(0, 60));

describe('T12: whatever comes', () => {
  it('POST /v1/events answers with less than 500, and with problem+json where it refuses', async () => {
    const bodies = fc.oneof(
      anyEvent.map((event) => JSON.stringify(event)),
      fc.json(),
      anyText,
      fc.uint8Array({ maxLength: 300 }),
    );
    const types = fc.constantFrom(
      'application/json',
      'application/cloudevents+json',
      'text/plain',
      '',
      'application/json; charset=utf-16',
    );
    await fc.assert(
      fc.asyncProperty(bodies, types, fc.option(fc.tuple(header, header, header)), async (body, type, binary) => {
        const world = createWorld();
        place(world, 'TKT-1', 'closed');
        const ce = binary ? { 'ce-specversion': binary[0], 'ce-id': binary[1], 'ce-type': binary[2] } : {};
        const response = await post(world, '/v1/events', body, {
          'content-type': type,
          ...(ce as Record<string, string>),
        });
        expect(response.status).toBeLessThan(500);
        if (response.status >= 400) expect(response.headers.get('content-type')).toBe('application/problem+json');
        expect(world.logged).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('POST /v1/email answers with less than 500', async () => {
    const line = fc.tuple(
      fc.constantFrom(
        'From',
        'Subject',
        'Message-ID',
        'Content-Type',
        'Content-Transfer-Encoding',
        'In-Reply-To',
        'References',
        '__proto__',
        'X',
      ),
      fc.oneof(
        anyText,
        fc.constantFrom(
          'a@b.example',
          'multipart/mixed; boundary=b',
          'text/html; charset=klingon',
          '=?utf-8?Q?=41=00?=',
          '<a@b>',
          'base64',
          'g: x@y.z;',
        ),
      ),
    );
    const mails = fc.oneof(
      fc.uint8Array({ maxLength: 500 }),
      fc
        .tuple(fc.array(line, { maxLength: 8 }), anyText)
        .map(([lines, text]) => `${lines.map((l) => l.join(': ')).join('\r\n')}\r\n\r\n--b\r\n\r\n${text}`),
    );
    await fc.assert(
      fc.asyncProperty(mails, async (mail) => {
        const world = createWorld();
        const response = await post(world, '/v1/email', mail, { 'content-type': 'message/rfc822' });
        expect(response.status).toBeLessThan(500);
        expect(world.logged).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('the forms answer with less than 500, and no text of the sender becomes markup', async () => {
    const value = fc.oneof(
      anyText,
      fc.constantFrom('<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '%00', '</textarea><script>'),
    );
    const forms = fc.dictionary(
      fc.constantFrom('name', 'email', 'subject', 'message', 'token', 'event', 'score', 'website'),
      value,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/support', '/support/t/x/reply', '/support/t/x/rate'),
        forms,
        async (path, form) => {
          const world = createWorld();
          place(world, 'TKT-1', 'waitingForAgent');
          const fields = new URLSearchParams({ token: tokenOf('WEB-0123456789abcdef'), ...form });
          const response = await post(world, path.replace('/x/', `/${tokenOf('TKT-1')}/`), fields.toString(), {
            'content-type': 'application/x-www-form-urlencoded',
          });
          expect(response.status).toBeLessThan(500);
          expect(await response.text()).not.toMatch(/<script|<img/);
        },
      ),
      { numRuns: 300 },
    );
  });
});
