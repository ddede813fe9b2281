import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { findMarks, spellings } from '../support/marks.ts';

const MARK = 'canary.k3q9@birds.example';
const wanted = spellings([MARK]);

// The search of the canary test has to be able to find something.
test.each([
  ['raw', Buffer.from(`x${MARK}y`)],
  ['raw', Buffer.from(MARK.toUpperCase())],
  ['base64', Buffer.from(Buffer.from(`a${MARK}z`).toString('base64'))],
  ['base64', Buffer.from(Buffer.from(`ab${MARK}zz`).toString('base64'))],
  ['base64url', Buffer.from(Buffer.from(`abc${MARK}`).toString('base64url'))],
  ['hex', Buffer.from(Buffer.from(MARK).toString('hex'))],
  ['url', Buffer.from(`?mail=${encodeURIComponent(MARK)}`)],
  ['json', Buffer.from(`"${MARK.replaceAll('@', '\\u0040').replaceAll('.', '\\u002e')}"`)],
  ['html', Buffer.from(MARK.replace('@', '&#64;'))],
  ['utf16', Buffer.from(MARK, 'utf16le')],
  ['quotedPrintable', Buffer.from(MARK.replace('@', '=40'))],
  ['reversed', Buffer.from([...MARK].reverse().join(''))],
  ['raw', Buffer.concat([Buffer.from('before'), gzipSync(`within ${MARK} gzip`), Buffer.from('after')])],
])('a mark is found when it is written as %s', (encoding, bytes) => {
  expect(findMarks('here', bytes, wanted).map((hit) => hit.encoding)).toContain(encoding);
});

test('nothing is found where the mark is not', () => {
  expect(findMarks('here', Buffer.from('canary.k3q8@birds.example and much else'), wanted)).toEqual([]);
});
