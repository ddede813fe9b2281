import { describe, expect, it } from 'vitest';
import { detailOf, file, mail, mailOf, multipart, type Part } from './mails.ts';

/** Each character as one byte: what a machine of the nineties writes. */
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const bytes = (...parts: (string | readonly number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

const PRIVET = [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2];
const NIHON = [0x1b, 0x24, 0x42, 0x46, 0x7c, 0x4b, 0x5c, 0x1b, 0x28, 0x42];
const part = (type: string, body: Buffer | string, more: Record<string, string> = {}): Part => ({
  headers: { 'Content-Type': type, ...more },
  body,
});
const messageOf = async (whole: Part) => (await detailOf(mailOf(whole)))?.message;

describe('a text without a declared charset', () => {
  it.each<[string, Part, string]>([
    ['UTF-8', part('text/plain', 'Grüße – 日本 €'), 'Grüße – 日本 €'],
    ['windows-1252', part('text/plain', bytes('Gr', [0xfc, 0xdf], 'e, 5 ', [0x80])), 'Grüße, 5 €'],
    ['windows-1252, said to be ASCII', part('text/plain; charset=us-ascii', latin1('Grüße')), 'Grüße'],
    ['windows-1252, said to be unknown', part('text/plain; charset=unknown-8bit', latin1('Grüße')), 'Grüße'],
    [
      'windows-1252 as quoted-printable',
      part('text/plain', 'Gr=FC=DFe', { 'Content-Transfer-Encoding': 'quoted-printable' }),
      'Grüße',
    ],
    [
      'windows-1252 as base64',
      part('text/plain', latin1('Grüße').toString('base64'), { 'Content-Transfer-Encoding': 'base64' }),
      'Grüße',
    ],
    ['windows-1252 in HTML', part('text/html', latin1('<p>Grüße</p>')), 'Grüße'],
    ['windows-1252 in a part without any header', multipart('mixed', { headers: {}, body: latin1('Grüße') }), 'Grüße'],
    [
      'UTF-8 that was cut in the middle of a character',
      part('text/plain', bytes('Grüße ', [0xe2, 0x82])),
      'Grüße \ufffd',
    ],
  ])('is read as %s', async (_charset, whole, message) => {
    expect(await messageOf(whole)).toBe(message);
  });

  it('is read as what it is, part by part', async () => {
    const whole = multipart(
      'mixed',
      part('text/plain', latin1('Grüße')),
      part('text/plain', 'aus Köln'),
      part('text/plain; charset=koi8-r', bytes([0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4])),
      file('a.bin', 'application/octet-stream'),
    );
    expect(await messageOf(whole)).toMatch(/^Grüße\s+aus Köln\s+Привет\s+Attachments:\n- a\.bin/);
  });
});

describe('HTML that names its charset itself', () => {
  it.each<[string, Buffer, string]>([
    ['<meta charset="windows-1251">', bytes(PRIVET), 'Привет'],
    ['<META HTTP-EQUIV=Content-Type CONTENT="text/html; charset=windows-1251">', bytes(PRIVET), 'Привет'],
    ['<meta charset=iso-2022-jp>', bytes(NIHON), '日本'],
    // ISO 8859-1 on paper, windows-1252 in fact.
    ['<meta charset="iso-8859-1">', bytes('5 ', [0x80]), '5 €'],
    // The mail was rewritten on its way, and the HTML was not told.
    ['<meta charset="windows-1251">', bytes('Привет'), 'Привет'],
    ['<meta charset="utf-8">', bytes('Привет'), 'Привет'],
    // Neither can be true.
    ['<meta charset="utf-16">', bytes('Привет'), 'Привет'],
    ['<meta charset="utf-8">', latin1('Grüße'), 'Grüße'],
    ['<meta charset="klingon">', latin1('Grüße'), 'Grüße'],
  ])('is read so where nothing else is declared: %s', async (meta, text, message) => {
    const html = bytes(`<html><head>${meta}</head><body><p>`, [...text], '</p></body></html>');
    expect(await messageOf(part('text/html', html))).toBe(message);
    const [plain, pdf] = [part('text/plain', ''), file('a.pdf', 'application/pdf')];
    const whole = multipart('mixed', multipart('alternative', plain, part('text/html', html)), pdf);
    expect(await messageOf(whole)).toMatch(new RegExp(`^${message}\n\nAttachments:`));
  });

  it('is read as the mail declares where it does', async () => {
    const html = bytes('<meta charset="windows-1251"><p>', [0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4], '</p>');
    expect(await messageOf(part('text/html; charset=koi8-r', html))).toBe('Привет');
  });
});

describe('headers in bytes of their own', () => {
  it('are read as windows-1252 where they are no UTF-8, line by line', async () => {
    const raw = Buffer.concat([
      latin1('From: J\xfcrgen <juergen@example.com>\r\n'),
      Buffer.from('X-Note: Köln\r\n'),
      latin1('Subject: \x84Gr\xfc\xdfe\x93 f\xfcr 5 \x80\r\n\r\nx'),
    ]);
    expect(await detailOf(raw)).toMatchObject({
      subject: '„Grüße“ für 5 €',
      customerName: 'Jürgen',
      customerEmail: 'juergen@example.com',
    });
    expect(await detailOf(mail({ Subject: 'Grüße aus Köln' }, 'x'))).toMatchObject({ subject: 'Grüße aus Köln' });
  });

  it('name attachments too', async () => {
    const bill: Part = {
      headers: { 'Content-Type': 'application/pdf', 'Content-Disposition': 'attachment; filename="@.pdf"' },
      body: 'DATA',
    };
    const raw = mailOf(multipart('mixed', part('text/plain', 'See.'), bill)).toString('latin1');
    expect((await detailOf(latin1(raw.replace('@.pdf', 'Rechnung f\xfcr.pdf'))))?.message).toContain(
      '- Rechnung für.pdf',
    );
  });

  it('leave the digest of the mail as it came: the same mail is the same ticket', async () => {
    const raw = () => mail({ 'Message-ID': '' }, latin1('Grüße'));
    expect((await detailOf(raw()))?.ticketId).toBe((await detailOf(raw()))?.ticketId);
  });
});
