import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { wantsPerson } from '../../src/domain/person-wish.ts';

const WANTED = {
  en: [
    'I want to speak to a human.',
    'Can I talk to a real person, please?',
    'human please',
    'I’d like to talk with someone real about this',
    'Please connect me with an agent',
    'Transfer me to a representative!',
    'Put me through to your manager.',
    'I need a live agent',
    'Is there a human I can write to?',
    'Stop the bot, this is useless',
    'I do not want a bot. Get me a person.',
    'Please escalate this to a supervisor',
    'I don’t want a robot to answer me',
    'Could you pass me on to a member of your team?',
    'GIVE ME A HUMAN',
  ],
  de: [
    'Ich möchte mit einem Menschen sprechen.',
    'Bitte verbinden Sie mich mit einem Mitarbeiter',
    'Ich will einen echten Menschen!',
    'Kann ich mit einer Mitarbeiterin reden?',
    'Keinen Bot bitte',
    'Ich brauche einen Ansprechpartner',
    'Leiten Sie mich bitte an einen Berater weiter, ich will mit einem Berater telefonieren',
    'Ich verlange einen Vorgesetzten',
    'Ich habe genug von diesem Chatbot',
    'Geben Sie das bitte an einen richtigen Menschen',
  ],
  fr: [
    'Je veux parler à un humain.',
    'Pouvez-vous me mettre en relation avec un conseiller ?',
    'Je souhaite parler à une vraie personne',
    "J'ai besoin d'un conseiller",
    'J’aimerais discuter avec quelqu’un de votre équipe',
    'Passez-moi un responsable, je veux parler à un responsable',
    'Pas de robot svp',
    'Je voudrais un agent',
    'Y a-t-il un vrai humain ici ?',
  ],
  es: [
    'Quiero hablar con una persona.',
    '¿Puedo hablar con un humano?',
    'Necesito un agente por favor',
    'Comuníqueme con un representante',
    'Quisiera hablar con alguien real',
    'No quiero un robot',
    'Páseme con un supervisor',
    'Quiero una persona de verdad',
    'Prefiero que me atienda una persona',
  ],
} as const;

describe.each(Object.entries(WANTED))('in %s', (_language, texts) => {
  test.each(texts)('%s', (text) => {
    expect(wantsPerson(text)).toBe(true);
  });
});

test.each([
  'The person who signed up left our company, how do I remove them?',
  'How do I add a person to my team plan?',
  'Your agent told me yesterday to reset my password.',
  'My robot vacuum does not connect to the app.',
  'The app says "agent offline". How do I restart the sync agent?',
  'Wie lösche ich einen Mitarbeiter aus meinem Konto?',
  'Der Mitarbeiter war sehr freundlich, danke!',
  'Comment ajouter une personne à mon abonnement ?',
  'Le robot aspirateur ne marche plus',
  '¿Cómo añado una persona a mi cuenta?',
  'La persona que firmó el contrato ya no trabaja aquí',
  'I was charged twice.',
  '',
])('is not taken for a wish: %s', (text) => {
  expect(wantsPerson(text)).toBe(false);
});

test('no question that an article answers is taken for a wish, and those who ask for a person are heard', () => {
  interface Question {
    readonly subject: string;
    readonly message: string;
    readonly articles?: readonly string[];
  }
  const questions = parse(readFileSync('test/fixtures/help-questions.yaml', 'utf8')) as Question[];
  const heard = questions.filter(({ subject, message }) => wantsPerson(`${subject}\n${message}`));
  expect(questions.length).toBeGreaterThan(50);
  expect(heard.filter(({ articles }) => articles)).toEqual([]);
  expect(heard.map(({ subject }) => subject)).toEqual(['I want to speak to a manager', 'Plainte']);
});

test('a hostile text is judged in no time that grows out of hand', () => {
  const begun = performance.now();
  for (const word of ['speak to ', 'ich möchte mit ', 'je veux ', 'quiero ', 'want a '])
    wantsPerson(word.repeat(12_000));
  const small = performance.now() - begun;
  const again = performance.now();
  for (const word of ['speak to ', 'ich möchte mit ', 'je veux ', 'quiero ', 'want a '])
    wantsPerson(word.repeat(48_000));
  // Four times the text, and not sixteen times the work.
  expect((performance.now() - again) / small).toBeLessThan(10);
});
