import { expect, test } from 'vitest';
import { checkHttpCall, HTTP_FIELDS, httpCallOf, isWorthRepeating } from '../../src/domain/http-call.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { CATALOGUE } from '../../src/domain/module-catalogue.ts';
import { MODULES, PARAMETERS, UNTIMED } from '../../src/domain/modules.ts';
import { checkFlow } from '../../src/flow/check.ts';

const URL = 'https://api.carrier.example/parcels';

test.each([
  { url: URL },
  { url: 'http://127.0.0.1:4000/x' },
  { url: URL, method: 'POST', headers: { 'X-Trace': 'a b' }, body: { order: 7 }, sign: true },
  { url: URL, method: 'DELETE', body: null },
])('%j is right', (given) => expect(checkHttpCall(given)).toEqual([]));

test.each([
  [{}, 'url: expected a web address'],
  [{ url: 'http://api.carrier.example/' }, 'url: expected a web address that begins with https://'],
  [{ url: 'ftp://api.carrier.example/' }, 'url: expected a web address'],
  [{ url: 'https://ours:secret@api.carrier.example/' }, 'url: holds a user or a password'],
  [{ url: `${URL}#part` }, 'url: ends in a fragment'],
  [{ url: URL, method: 'get' }, 'method: expected one of GET, HEAD, POST, PUT, PATCH, DELETE'],
  [{ url: URL, body: {} }, 'body: expected none: GET and HEAD have no body'],
  [{ url: URL, sign: 'yes' }, 'sign: expected true or false'],
  [{ url: URL, headers: [] }, 'headers: expected an object'],
  [{ url: URL, headers: { 'a b': 'c' } }, 'headers: has a name that is none of a header'],
  [{ url: URL, headers: { Host: 'other.example' } }, 'headers: host is written by Steward'],
  [{ url: URL, headers: { 'Idempotency-Key': 'mine' } }, 'headers: idempotency-key is written by Steward'],
  [{ url: URL, headers: { Authorization: 'Bearer x' } }, 'headers: authorization is a secret'],
  [{ url: URL, headers: { 'x-a': 'one\r\nhost: two' } }, 'headers: x-a: expected one line'],
  [{ url: URL, headers: { 'x-a': 7 } }, 'headers: x-a: expected one line'],
  [{ url: URL, verb: 'GET' }, 'verb: is no field; the fields are url, method, headers, body, sign'],
  [[], 'request: expected an object'],
  [null, 'request: expected an object'],
])('of %j it says what is wrong', (given, said) => {
  const [problem, ...more] = checkHttpCall(given);
  expect(more).toEqual([]);
  expect(`${problem?.field}: ${problem?.message}`).toContain(said);
});

test('what is known only later is judged then', () => {
  expect(checkHttpCall({ body: {} }, { later: ['url', 'method'] })).toEqual([]);
  expect(checkHttpCall({ url: URL }, { later: ['verb'] })).toMatchObject([{ field: 'verb' }]);
});

test('what was left out is as the card says', () => {
  expect(httpCallOf({ url: URL })).toEqual({ url: URL, method: 'GET', headers: {}, body: null, sign: false });
  const card = (CATALOGUE.http.input as JsonObject).properties as JsonObject;
  expect(Object.keys(card)).toEqual(HTTP_FIELDS);
});

test.each([408, 409, 425, 429, 500, 502, 503, 504])('%i may be better later', (status) => {
  expect(isWorthRepeating(status)).toBe(true);
});
test.each([301, 400, 401, 403, 404, 410, 422, 501])('%i stays as it is', (status) => {
  expect(isWorthRepeating(status)).toBe(false);
});

test('a flow is told at its check', () => {
  const check = (more: object) =>
    checkFlow(
      { StartAt: 'S', States: { S: { Type: 'Task', Resource: 'module:http', End: true, ...more } } },
      { modules: MODULES, bound: 'error', parameters: PARAMETERS, untimed: UNTIMED },
    ).map(({ path, message }) => `${path}: ${message}`);
  expect(check({ Parameters: { 'url.$': '$.url' }, TimeoutSeconds: 5 })).toEqual([]);
  expect(check({})).toEqual(['$.States.S: Parameters is missing: http lives by it']);
  expect(check({ Parameters: { url: 'http://api.carrier.example/' } })).toEqual([
    expect.stringMatching(/^\$\.States\.S\.Parameters\.url: expected a web address/),
  ]);
  const Catch = [{ ErrorEquals: ['States.Http.StatusCode.404', 'States.Http.StatusCode.x'], Next: 'S' }];
  expect(check({ Parameters: { url: URL }, Catch })[0]).toContain('nothing reports States.Http.StatusCode.x');
});
