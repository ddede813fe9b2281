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
    'Can I have an agent please',
    'Could I get someone on the phone?',
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
    'kann ich bitte jemanden ans Telefon bekommen',
    'Kann mich bitte jemand anrufen?',
    'Kann ich bitte einen Mitarbeiter haben?',
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
    'Puis-je avoir un conseiller ?',
    'représentant',
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
    '¿Puedo tener un agente, por favor?',
  ],
} as const;

describe.each(Object.entries(WANTED))('in %s', (_language, texts) => {
  test.each(texts)('%s', (text) => {
    expect(wantsPerson(text)).toBe(true);
  });
});

/** As people really write: with slips, without accents, in few words, asking rather than wishing. */
const AS_WRITTEN = [
  'I want to talk to a human',
  'I want to speak to a person who can actually help',
  'can someone real call me',
  'I wanna talk to a real person',
  'i want a humn',
  'i want to speek to a human',
  "I'd like to be put in touch with a colleague",
  'please connect me to an agent',
  'Could you put me through to somebody, please?',
  'Let me speak to someone',
  'Human please',
  'human!!!',
  'agent',
  'I need to speak with customer service',
  'Can I speak to customer support?',
  'I would like to talk to your support team',
  'Please escalate this',
  'This bot is useless, get me a person',
  "I don't want a bot",
  'I dont want to talk to a bot',
  'I do not want to talk to a machine',
  'Is there anybody there?',
  'are you a bot? I want a real one',
  'stop sending me automated answers',
  'can a human look at this?',
  'Can a real person please look into this?',
  'have someone contact me',
  'please have a member of your team contact me',
  'transfer me to a real pesron',
  'I want to talk to a manager.',
  'Ich möchte mit einem Menschen sprechen',
  'Ich will mit jemandem sprechen',
  'Kann ich bitte mit jemandem reden?',
  'ich will einen menschen',
  'ich möchte mit einem mensch reden',
  'Ich würde gerne mit einem Mitarbeiter sprechen',
  'Könnten Sie mich bitte mit einem Kollegen verbinden?',
  'Bitte verbinden Sie mich mit einem Mitarbeiter.',
  'Bitte rufen Sie mich zurück',
  'Gibt es hier auch echte Menschen?',
  'Kein Bot bitte',
  'Ich will nicht mit einem Bot reden',
  'ich moechte mit einem menschen sprechen',
  'Ich möchte persönlich beraten werden',
  'Kann sich das bitte ein Mensch ansehen?',
  'Kann mich jemand anrufen?',
  'mensch bitte',
  'Mitarbeiter!',
  'Ich hätte gerne einen echten Ansprechpartner',
  'Ich möchte bitte einen Menschen sprechen.',
  'Ich brauche einen persönlichen Ansprechpartner',
  'Ich spreche nicht mit Maschinen',
  'Je veux parler à un humain',
  "Je voudrais parler à quelqu'un",
  'Je souhaite parler à un conseiller',
  'Je voudrai parler a un conseiller svp',
  'Passez-moi un humain',
  'Pouvez-vous me passer un responsable ?',
  'Pourriez-vous me mettre en relation avec un conseiller ?',
  "J'aimerais parler à une vraie personne",
  'J’aimerais avoir un humain au téléphone',
  'un humain svp',
  'y a-t-il un humain ?',
  'Je ne veux pas parler à un robot',
  'Je ne veux pas de robot',
  'je veux une personne',
  'je veux parler avec une personne',
  'Merci de me rappeler',
  'conseiller',
  "Est-ce qu'une vraie personne peut me répondre ?",
  "Est-ce que quelqu'un peut me répondre ?",
  'Quiero hablar con una persona',
  'Quiero hablar con un humano',
  'quiero hablar con alguien',
  'Me gustaría hablar con una persona real',
  'Me gustaria hablar con un agente',
  '¿Puedo hablar con un asesor?',
  '¿Puede atenderme una persona?',
  'páseme con un agente',
  'Pásame con un humano',
  'ponme con una persona',
  'Póngame con un agente, por favor',
  'Quiero que me atienda una persona',
  'No quiero hablar con un robot',
  'no quiero un bot',
  'Necesito hablar con el encargado',
  'necesito un humano',
  'humano por favor',
  'persona real',
  'Quisiera que alguien me llame',
  '¿Hay alguien ahí?',
  'agente humano',
  'Quiero ablar con una persona',
  'Quiero comunicarme con un ejecutivo',
  'Deseo comunicarme con soporte',
  'Comuníqueme con un operador',
  'I do not want to wait any longer, let me talk to a human',
  'Why can I not talk to a human?',
  "I can't reach a human",
  "I still haven't spoken to a person",
  'Ich will nicht mit einem Bot reden, sondern mit einem Menschen',
  "I don't want a bot, I want a human",
  'Warum kann ich nicht mit einem Mitarbeiter sprechen?',
  "Je ne veux pas d'un robot mais d'un conseiller",
  'let me\ntalk to\na human',
];

test.each(AS_WRITTEN)('is heard: %s', (text) => {
  expect(wantsPerson(text)).toBe(true);
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
  "I don't want a human",
  "I don't want to talk to a human, the bot's answer is fine",
  'No need to speak to an agent',
  'I do not need a human',
  "You don't have to transfer me to an agent",
  'no need for a person to get back to me',
  'Ich will keinen Menschen',
  'Ich brauche keinen Mitarbeiter',
  'Ich möchte nicht mit einem Mitarbeiter sprechen',
  'Je ne veux pas parler à un humain',
  "Je n'ai pas besoin d'un conseiller",
  'No quiero hablar con una persona',
  'No necesito un agente',
  'no hace falta hablar con un humano',
  'How do I add an agent to my team?',
  'I need a user agent string',
  'I want the manager role for my colleague',
  'How do I connect the API to the agent?',
  'How can I write to a person in my team?',
  'Ich brauche Mitarbeiter-Zugänge für mein Team',
  'Wie kann ich einen Mitarbeiter einladen?',
  'Comment ajouter un agent à mon équipe ?',
  'Cómo invito a una persona a mi equipo',
  'The human resources export fails',
  'I want to call back the webhook agent',
  'Je veux mon argent',
  'Someone stole my account, can we put a stop to it please?',
  "Why won't the machine accept my card anymore?",
  'is apple pay a top up service?',
  'Are cards issued to people living in the US?',
  'The service here is horrible, I want to delete my account.',
  'Can someone help me to reset my password?',
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
