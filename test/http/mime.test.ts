import { describe, expect, it } from 'vitest';
import { detailOf, file, html, mail, mailOf, multipart, type Part, picture, plain, send } from './mails.ts';
import { createWorld } from './support.ts';

const messageOf = async (part: Part) => (await detailOf(mailOf(part)))?.message;

const REAL = html('<html><body><p>Real <b>text</b></p></body></html>');
const PDF = file('bill.pdf', 'application/pdf', { 'Content-Disposition': 'attachment' });
const LISTED = 'Attachments:\n- bill.pdf (application/pdf, 4 bytes)';
const SHOT = html('<html><body><img src="cid:shot.png"></body></html>');

describe('the text of a mail in HTML', () => {
  it.each<[string, Part, string]>([
    ['alone', REAL, 'Real text'],
    ['in an alternative without plain text', multipart('alternative', REAL), 'Real text'],
    ['beside empty plain text', multipart('alternative', plain(''), REAL), 'Real text'],
    ['beside plain text of blanks', multipart('alternative', plain(' \u00a0\r\n'), REAL), 'Real text'],
    ['with a file', multipart('mixed', REAL, PDF), `Real text\n\n${LISTED}`],
    ['with a picture that it shows', multipart('related', REAL, picture('logo.png')), 'Real text'],
    [
      'deep inside, with a file',
      multipart('mixed', multipart('related', multipart('alternative', REAL), picture('logo.png')), PDF),
      `Real text\n\n${LISTED}`,
    ],
  ])('is kept: %s', async (_where, part, message) => {
    expect(await messageOf(part)).toBe(message);
  });

  it('stands back behind plain text that says the same, and follows plain text that says something else', async () => {
    expect(await messageOf(multipart('alternative', plain('Plain.'), REAL))).toBe('Plain.');
    expect(await messageOf(multipart('mixed', plain('Plain.'), REAL))).toMatch(/^Plain\.\s+Real text$/);
  });

  it('is cut where it is too long to be turned into text in good time', async () => {
    const long = html(`<p>begins</p>${'<p>x</p>'.repeat(200_000)}`);
    expect(await messageOf(long)).toMatch(/^begins/);
    expect(await messageOf(multipart('mixed', long, PDF))).toMatch(/^begins/);
  });

  it('is told to be missing where it can not be turned into text at all', async () => {
    expect(await messageOf(html(`${'<div>'.repeat(50_000)}x`))).toContain('could not be turned into text');
  });

  it('is nothing where there are no words: the subject speaks, and without one the mail says nothing', async () => {
    const empty = html('<html><body></body></html>');
    expect((await detailOf(mailOf(empty, { Subject: 'Call me' })))?.message).toBe('Call me');
    expect((await send(createWorld(), mailOf(empty, { Subject: '' }))).status).toBe(422);
  });
});

describe('the attachments of a mail', () => {
  it('are listed by name, type and size', async () => {
    expect(await messageOf(multipart('mixed', plain('See the file.'), PDF))).toBe(`See the file.\n\n${LISTED}`);
  });

  it('hold the pictures of a mail that shows nothing but pictures', async () => {
    const shot = multipart('related', SHOT, picture('shot.png'));
    const listed = 'Attachments:\n- shot.png (image/png, 4 bytes)';
    expect((await detailOf(mailOf(shot, { Subject: '' })))?.message).toBe(listed);
    // What Outlook writes as plain text of the same.
    const outlook = multipart(
      'related',
      multipart('alternative', plain('[cid:shot.png]\r\n'), SHOT),
      picture('shot.png'),
    );
    expect((await detailOf(mailOf(outlook, { Subject: '' })))?.message).toBe(listed);
  });

  it('are told in good time, whatever stands in the text', async () => {
    const begin = performance.now();
    await messageOf(plain('[cid:'.repeat(400_000)));
    expect(performance.now() - begin).toBeLessThan(5_000);
  });

  it('hold no picture that the text shows, but any other file beside it', async () => {
    const bill = file('bill.pdf', 'application/pdf', { 'Content-ID': '<bill>' });
    expect(await messageOf(multipart('related', REAL, picture('logo.png'), bill))).toBe(`Real text\n\n${LISTED}`);
  });

  it('may be all that a mail is', async () => {
    expect((await detailOf(mail({ Subject: '', 'Content-Type': 'image/png; name=a.png' }, 'DATA')))?.message).toBe(
      'Attachments:\n- a.png (image/png, 4 bytes)',
    );
  });
});
