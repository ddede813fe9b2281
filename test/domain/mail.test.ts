import { describe, expect, it } from 'vitest';
import { judgeMail, mailMessage } from '../../src/domain/mail.ts';

describe('judgeMail', () => {
  it.each<[string, Record<string, string[]>, string]>([
    ['own', { 'x-ticket-id': ['TKT-1'], 'x-delivery-id': ['5'] }, 'a@b.c'],
    ['bounce', { 'content-type': ['multipart/report; report-type=delivery-status; boundary=x'] }, 'a@b.c'],
    ['bounce', { 'return-path': ['<>'] }, 'a@b.c'],
    ['bounce', { 'return-path': ['< >'] }, 'a@b.c'],
    ['bounce', { 'x-failed-recipients': ['d@e.f'] }, 'a@b.c'],
    ['bounce', {}, 'MAILER-DAEMON@mx.example.com'],
    ['bounce', {}, 'mailer-daemon'],
    ['bounce', { from: ['MAILER-DAEMON (Mail Delivery System)'] }, ''],
    ['bounce', { from: ['<MAILER-DAEMON>'] }, ''],
    ['bounce', { from: ['<>'] }, ''],
    ['bounce', { from: ['Mail Delivery System < >'] }, ''],
    ['bounce', { 'return-path': ['<>'] }, 'postmaster@example.com'],
    ['bounce', { 'auto-submitted': ['auto-generated'] }, 'Postmaster@example.com'],
    [
      'bounce',
      { 'content-type': ['multipart/report; report-type=disposition-notification'] },
      'postmaster@example.com',
    ],
    ['report', { 'content-type': ['Multipart/Report; report-type=feedback-report'] }, 'a@b.c'],
    ['report', { 'content-type': ['multipart/report; report-type=disposition-notification'] }, 'a@b.c'],
    ['automatic', { 'auto-submitted': ['auto-replied'] }, 'a@b.c'],
    ['automatic', { 'auto-submitted': ['auto-generated; owner-email="x"'] }, 'a@b.c'],
    ['bulk', { 'x-auto-response-suppress': ['DR, OOF, AutoReply'] }, 'a@b.c'],
    ['automatic', { 'x-autoreply': ['yes'] }, 'a@b.c'],
    ['automatic', { 'x-auto-reply': ['yes'] }, 'a@b.c'],
    ['automatic', { 'x-autorespond': ['re: hello'] }, 'a@b.c'],
    ['automatic', { precedence: ['auto_reply'] }, 'a@b.c'],
    ['automatic', { 'return-path': ['<>'], 'auto-submitted': ['auto-replied'] }, 'a@b.c'],
    ['bulk', { precedence: ['Bulk'] }, 'a@b.c'],
    ['bulk', { precedence: [' list '] }, 'a@b.c'],
    ['bulk', { precedence: ['junk'] }, 'a@b.c'],
    ['bulk', { 'list-id': ['<news.example.com>'] }, 'a@b.c'],
    ['bulk', { 'list-unsubscribe': ['<https://example.com/u>'] }, 'a@b.c'],
    ['bulk', { 'list-help': ['<mailto:help@example.com>'] }, 'a@b.c'],
    ['bulk', { 'list-subscribe': ['<mailto:join@example.com>'] }, 'a@b.c'],
    ['bulk', { 'list-post': ['<mailto:list@example.com>'] }, 'a@b.c'],
    ['bulk', { 'list-owner': ['<mailto:owner@example.com>'] }, 'a@b.c'],
    ['bulk', { 'list-archive': ['<https://example.com/all>'] }, 'a@b.c'],
  ])('%s: %j from %s', (reason, headers, sender) => {
    expect(judgeMail(headers, sender)).toEqual({ from: 'machine', reason });
  });

  it.each<[Record<string, string[]>, string]>([
    [{}, 'ada@example.com'],
    [{ 'auto-submitted': ['no'] }, 'ada@example.com'],
    [{ 'x-auto-response-suppress': ['None'] }, 'ada@example.com'],
    [{ 'x-autoreply': ['no'] }, 'ada@example.com'],
    [{ precedence: ['first-class'] }, 'ada@example.com'],
    [{ 'return-path': ['<ada@example.com>'] }, 'ada@example.com'],
    [{ 'content-type': ['multipart/mixed; boundary=report'] }, 'ada@example.com'],
    [{}, 'postmaster.fan@example.com'],
    [{}, 'postmaster@shop.example'],
    [{ 'auto-submitted': ['no'], 'return-path': ['<postmaster@shop.example>'] }, 'postmaster@shop.example'],
    [{ 'x-ticket-id': ['4711'] }, 'ada@example.com'],
    [{ 'x-delivery-id': ['4711'] }, 'ada@example.com'],
    [{ from: ['Undisclosed'] }, ''],
  ])('a person: %j from %s', (headers, sender) => {
    expect(judgeMail(headers, sender)).toEqual({ from: 'person' });
  });
});

describe('mailMessage', () => {
  const pdf = { name: 'invoice.pdf', type: 'application/pdf', size: 12_345 };

  it('lists what was attached below the text', () => {
    expect(
      mailMessage(
        { text: 'Hello\n', subject: 's', attachments: [pdf, { name: null, type: 'image/png', size: 9 }] },
        1000,
      ),
    ).toBe('Hello\n\nAttachments:\n- invoice.pdf (application/pdf, 12 kB)\n- without a name (image/png, 9 bytes)');
  });
  it('takes the subject where the text is empty, and the attachments where both are', () => {
    expect(mailMessage({ text: ' \n', subject: 'Call me', attachments: [] }, 1000)).toBe('Call me');
    expect(mailMessage({ text: '', subject: '', attachments: [pdf] }, 1000)).toMatch(/^Attachments:/);
  });
  it('is null for a mail that says nothing', () => {
    expect(mailMessage({ text: '', subject: ' ', attachments: [] }, 1000)).toBeNull();
  });
  it('keeps within the limit and says that it cut', () => {
    const message = mailMessage({ text: 'x'.repeat(5000), subject: '', attachments: [pdf] }, 1000) ?? '';
    expect(message.length).toBeLessThanOrEqual(1000);
    expect(message).toContain('cut off');
    expect(message).toContain('invoice.pdf');
  });
  it('counts the attachments that it does not list', () => {
    const message = mailMessage({ text: 'x', subject: '', attachments: Array.from({ length: 25 }, () => pdf) }, 10_000);
    expect(message).toContain('- and 5 more');
  });
});
