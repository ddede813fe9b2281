import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newWordsOf } from '../../src/domain/new-words.ts';

const QUOTE = '> Hello Mira,\n> have you tried to turn it off?\n>\n> > It burns.';

describe('an attribution before a quote goes with it', () => {
  it.each([
    ['On Thu, Nov 26, 2026 at 10:00 AM Ana <help@support.example> wrote:'],
    ['On Thu, Nov 26, 2026 at 10:00 AM Ana Long-Name of the Support Team\n<help+t.1.abc@support.example> wrote:'],
    ['On 26 Nov 2026, at 10:00, Ana <help@support.example>\nwrote:'],
    ['Am 26.11.26 um 10:00 schrieb Ana:'],
    ['Am Do., 26. Nov. 2026 um 10:00 Uhr schrieb Ana <\nhelp@support.example>:'],
    ['Ana <help@support.example> schrieb am Do., 26. Nov. 2026, 10:00:'],
    ['Le jeu. 26 nov. 2026 à 10:00, Ana <help@support.example> a écrit :'],
    ['El jue, 26 nov 2026 a las 10:00, Ana (<help@support.example>) escribió:'],
    ['2026-11-26 10:00 GMT+01:00 Ana <help@support.example>:'],
  ])('%s', (attribution) => {
    expect(newWordsOf(`It still burns.\n\n${attribution}\n\n${QUOTE}\n`)).toBe('It still burns.');
    // Some programs put no mark before what they quote.
    expect(newWordsOf(`It still burns.\n\n${attribution}\n\nHello Mira,\nhave you tried?`)).toBe('It still burns.');
  });
});

describe("Outlook's heads begin what is quoted", () => {
  it.each([
    ['From: Ana <help@support.example>\nSent: Thursday, 26 November 2026 10:00\nTo: Mira\nSubject: Re: Fire'],
    ['*From:* Ana\n*Date:* Thursday\n*To:* Mira\n*Cc:* Bo\n*Subject:* Re: Fire'],
    ['Von: Ana\nGesendet: Donnerstag, 26. November 2026 10:00\nAn: Mira\nBetreff: AW: Feuer'],
    ['De : Ana\nEnvoyé : jeudi 26 novembre 2026 10:00\nÀ : Mira\nObjet : RE: Feu'],
    ['De: Ana\nEnviado el: jueves, 26 de noviembre de 2026 10:00\nPara: Mira\nAsunto: RE: Fuego'],
    ['________________________________\nFrom: Ana\nSent: Thursday\nTo: Mira\nSubject: Re: Fire'],
    [
      'Gesendet: Donnerstag, 26. November 2026 um 10:00\nVon: "Ana" <help@support.example>\nAn: mira@gmx.example\nBetreff: Re: Feuer',
    ],
    ['-----Original Message-----\nFrom: Ana'],
    ['-----Ursprüngliche Nachricht-----\nVon: Ana'],
  ])('%s', (heads) => {
    expect(newWordsOf(`It still burns.\n\n${heads}\n\nHello Mira,`)).toBe('It still burns.');
  });

  it('but are shown on purpose in a mail that was forwarded', () => {
    const text = 'See below.\n\nVon: Bo\nGesendet: heute\nAn: Mira\nBetreff: Rechnung\n\nBitte zahlen.';
    expect(newWordsOf(text, 'WG: Rechnung')).toBeNull();
    expect(newWordsOf(text, 'AW: Rechnung')).toBe('See below.');
  });
});

describe('what is new', () => {
  it('are answers between quotes and below them', () => {
    expect(newWordsOf('> Which printer?\nThe red one.\n> Since when?\nSince noon.\n')).toBe(
      'The red one.\nSince noon.',
    );
    expect(newWordsOf(`On 26 Nov 2026 Ana wrote:\n${QUOTE}\n\nBelow, as it should be.`)).toBe(
      'Below, as it should be.',
    );
  });

  it('is no signature', () => {
    expect(newWordsOf('Help!\n-- \nMira Miller\nExample Ltd, where we love angry customers')).toBe('Help!');
    expect(newWordsOf('Help!\n\nSent from my iPhone\n')).toBe('Help!');
    expect(newWordsOf('Hilfe!\n\nVon meinem iPhone gesendet')).toBe('Hilfe!');
    expect(newWordsOf('Au feu !\n\nTélécharger Outlook pour iOS')).toBe('Au feu !');
    expect(newWordsOf(`Help!\n-- \nMira\n\n${QUOTE}\nAnd this.`)).toBe('Help!\nAnd this.');
  });

  it.each([
    '---------- Forwarded message ---------\nFrom: Bo\nDate: today\nSubject: Bill\nTo: Mira\n\n> Pay!',
    'Begin forwarded message:\n\n> From: Bo\n> Subject: Bill',
    '-------- Weitergeleitete Nachricht --------\nBetreff: Rechnung\n\nBitte zahlen.',
  ])('is all of a forwarded mail: %s', (text) => {
    expect(newWordsOf(`What is this?\n\n${text}`)).toBeNull();
  });

  it('is everything where nothing is quoted, or nothing but quotes is there', () => {
    expect(newWordsOf('My printer is on fire.')).toBeNull();
    expect(newWordsOf('')).toBeNull();
    expect(newWordsOf(QUOTE)).toBeNull();
  });

  it('are sentences that only look like an attribution', () => {
    expect(newWordsOf('On Monday my colleague wrote:\nthe printer burns.')).toBeNull();
    expect(newWordsOf('From: where do I get it?\nTo me it is not clear.')).toBeNull();
    expect(newWordsOf('Am I right?\nYes: 1.')).toBeNull();
  });
});

it('takes its time by the length of the text, whatever is in it', () => {
  for (const unit of ['On 1 ', 'On 1\n', '>', '> \n', 'From: a\n', 'Am 1 schrieb ', ' on x at y', '-', '\n']) {
    // By what it takes, and not by how long others keep the machine.
    const begun = process.cpuUsage();
    newWordsOf(unit.repeat(200_000 / unit.length));
    const { user, system } = process.cpuUsage(begun);
    expect((user + system) / 1_000, JSON.stringify(unit)).toBeLessThan(1_500);
  }
});

it('never invents a word', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('> q', 'new', '-- ', '', 'On 1 A wrote:', 'From: a', 'x')), (lines) => {
      const said = newWordsOf(lines.join('\n'));
      for (const line of said?.split('\n') ?? []) expect(['', ...lines]).toContain(line);
    }),
  );
});
