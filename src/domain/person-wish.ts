import {
  ANSWER,
  AUTOMATIC,
  BRING,
  CALL,
  CAN,
  ENOUGH,
  FILLER,
  HAVE,
  HUMAN,
  MACHINE,
  MAY_I,
  ME,
  NOT,
  NOT_A_PERSON,
  ONE,
  PERSON,
  POLITE,
  REACH,
  REAL,
  REAL_AFTER,
  SOMEBODY,
  WANT,
} from './person-wish-words.ts';

/**
 * "I want a human", as customers say it in English, German, French and Spanish, with a slip of the pen or without accents. Leans to yes: a
 * person who was not wanted costs a minute, a bot that does not let go costs the customer's trust. A plain "I don't want a human" is a no.
 */
export function wantsPerson(text: string): boolean {
  const lines = text.split('\n').map(wordsOf);
  const short = lines.reduce((sum, line) => sum + line.length, 0) <= FEW_WORDS;
  return clausesOf(text).some(isWish) || (short && lines.some(isNothingButPerson));
}

/** In so short a text a line that names a person says who is wanted: "Human, please!" */
const FEW_WORDS = 12;
/** As far apart as the words of one wish are. */
const NEAR = 7;

/** After whom: "someone contact me", "quelqu'un peut me répondre". */
const GETS_BACK =
  /^(?:from \w+ |un )?(?:can |could |to |peut |pourrait |kann |puede |podria )?(?:(?:contact|answer) (?:me|us)|(?:me|nous|mir|uns|mich) (?:repondre|contacter|antworten|kontaktieren|contacte|responda)|responderme|contactarme|get back to (?:me|us))/;

/** After whom: "jemanden ans Telefon", "someone on the phone". */
const AT_THE_PHONE =
  /^(?:on|an|am|ans|au|al|por)(?: the| dem| el)? (?:phone|telefon|telephone|telefono|line|leitung)(?: |$)/;

type Words = readonly string[];

/** A wish does not reach over a full stop; a no of one clause says nothing of the next. */
function clausesOf(text: string): readonly Words[] {
  return text
    .split(/[.!?;,:¡¿()"“”„«»]+|\n\s*\n|(?<!\p{L})(?:but|aber|sondern|mais|pero|sino)(?!\p{L})/iu)
    .map(wordsOf)
    .filter(({ length }) => length > 0);
}

/** Without accents and apostrophes: `don't` is `do not`, `d'un` two words, `Mitarbeiter-Konto` one. */
function wordsOf(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[’‘`´]/g, "'")
    .replace(/n't(?!\p{L})/gu, ' not')
    .replace(/(?<!\p{L})(do|would|ca|wo|does|did)nt(?!\p{L})/gu, '$1 not')
    .replace(/(?<!\p{L})wanna(?!\p{L})/gu, 'want to');
  return plain.match(/[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*/gu)?.flatMap(parted) ?? [];
}

/** `Passez-moi`, `y a-t-il`: an order or a question, unlike a compound. */
function parted(word: string): string[] {
  return /-(?:moi|nous|t-il|il|vous|ce|me|je)(?:-|$)/.test(word) ? word.split('-') : [word];
}

function isWish(words: Words): boolean {
  return words.some(
    (word, i) =>
      (isPersonAt(words, i) && isWantedAt(words, i)) ||
      (SOMEBODY.has(word) && (isReached(words, i) || isThere(words, i))) ||
      ((SOMEBODY.has(word) || isPersonAt(words, i)) && GETS_BACK.test(words.slice(i + 1, i + 5).join(' '))) ||
      (SOMEBODY.has(word) && AT_THE_PHONE.test(words.slice(i + 1, i + 5).join(' ')) && !words.some(isNoOf)) ||
      (ENOUGH.has(word) && isMachineNext(words, i + 1)) ||
      (CALL.has(word) && isCallToMe(words, i)) ||
      (word === 'escalate' && /^(?:this|it|my)$/.test(words[i + 1] ?? '')) ||
      (word === 'personlich' &&
        near(words, i, NEAR).some((other) => /^(?:beraten|sprechen|reden|kontakt)$/.test(other))),
  );
}

/** Of several words the last one: `real person`. */
function isPersonAt(words: Words, i: number): boolean {
  if (NOT_A_PERSON.has(words[i + 1] ?? '')) return false;
  // "a member of your team"
  if (words[i] === 'member') return words.slice(i + 1, i + 4).some((word) => /^(?:team|staff)$/.test(word));
  return isOf(PERSON, words[i]) || isRealAt(words, i);
}

/** `real person`, `persona real`, `someone real`, `une personne humaine` */
function isRealAt(words: Words, i: number): boolean {
  const [before = '', word = ''] = [words[i - 1], words[i]];
  return (REAL.has(before) && ONE.has(word)) || (REAL_AFTER.has(word) && (ONE.has(before) || SOMEBODY.has(before)));
}

function isWantedAt(words: Words, i: number): boolean {
  if (isReached(words, i) || isHadAt(words, i)) return true;
  const v = wantBefore(words, i);
  if (v >= 0 && onlyFillers(words, v + 1, i)) return !isDenied(words, v, i);
  const isHuman = isOf(HUMAN, words[i]) || isRealAt(words, i);
  if (!isHuman || NOT.has(words[i - 1] ?? '')) return false;
  // "Can a human look at this?", "Gibt es hier echte Menschen?"
  return words.slice(Math.max(0, i - NEAR), i + 2).some((word) => CAN.has(word)) && !words.slice(0, i).some(isNoOf);
}

/** "Can I have an agent?", "Puis-je avoir un conseiller ?", "Kann ich einen Mitarbeiter haben?" */
function isHadAt(words: Words, i: number): boolean {
  const at = words.slice(Math.max(0, i - NEAR), i + 2).findIndex((word) => HAVE.has(word)) + Math.max(0, i - NEAR);
  if (!HAVE.has(words[at] ?? '') || words.some(isNoOf)) return false;
  const asks = words.slice(0, Math.min(at, i)).some((word) => MAY_I.has(word));
  return asks && (at > i || onlyFillers(words, at + 1, i));
}

const isNoOf = (word: string): boolean => /^(?:not|nicht|kein.*|ne|n|pas)$/.test(word);

/** "talk to …", "put me through to …", "mit … sprechen"; unless it is just this that is not wanted. */
function isReached(words: Words, i: number): boolean {
  const from = Math.max(0, i - NEAR);
  const said = words.slice(from, i + NEAR + 1);
  const verb = said.findIndex((word, at) => isOf(REACH, word) || (BRING.has(word) && isOfMe(said, at)));
  if (verb < 0) return false;
  const at = from + verb;
  if (at > i && !isObjectBefore(words, i, at)) return false;
  const v = wantBefore(words, Math.max(i, at));
  return !isDenied(words, v < 0 ? -1 : v, Math.max(i, at));
}

/** In German the verb comes last: "mit einem Menschen sprechen"; and what is asked for may: "una persona que me atienda". */
function isObjectBefore(words: Words, i: number, verb: number): boolean {
  const before = words.slice(Math.max(0, i - 4), i);
  return before.some((word) => /^(?:mit|an|zu)$/.test(word)) || verb === i + 1 || words.slice(i, verb).includes('can');
}

function isOfMe(words: Words, at: number): boolean {
  return (
    ME.has(words[at + 1] ?? '') ||
    /^(?:be|been|get|me|us|mich|uns|sie)$/.test(words[at - 1] ?? '') ||
    words[at + 1] === 'sie'
  );
}

/** The last word of wanting before a place, near; -1: none. */
function wantBefore(words: Words, i: number): number {
  for (let at = i - 1; at >= Math.max(0, i - NEAR - 1); at -= 1) if (WANT.has(words[at] ?? '')) return at;
  return -1;
}

/** "I do not want …", "ich will nicht …", "je ne veux pas …"; "there is no need". `v`: the word of wanting, or -1. */
function isDenied(words: Words, v: number, end: number): boolean {
  if (v < 0) return /(?:not|no) (?:have|has|necessary|hace|tienes?|tiene)(?: |$)/.test(words.slice(0, end).join(' '));
  const before = words.slice(Math.max(0, v - 3), v);
  const after = words.slice(v + 1, end + 1);
  return before.some((word) => NOT.has(word)) || after.some((word) => NOT.has(word));
}

function onlyFillers(words: Words, from: number, to: number): boolean {
  if (to - from > NEAR) return false;
  return words.slice(from, to).every((word) => FILLER.has(word) || REAL.has(word) || NOT.has(word) || ME.has(word));
}

/** "Is anybody there?", "¿Hay alguien ahí?", "Ist da jemand?", "Y a-t-il quelqu'un ?" */
function isThere(words: Words, i: number): boolean {
  if (words.length > NEAR || OURS.test(words[i] ?? '')) return false;
  const about = ` ${near(words, i, 4).join(' ')} `;
  return / (?:there|here|hay|ahi|da|hier|y a) /.test(about);
}
const OURS = /^(?:staff|team|support|soporte|service)$/;

/** "no bots", "nicht mit einem Roboter", "stop sending me automated answers" */
function isMachineNext(words: Words, from: number): boolean {
  // "Why does not the machine …?": one of theirs.
  if (NOT.has(words[from - 1] ?? '') && /^(?:the|my)$/.test(words[from] ?? '')) return false;
  for (let i = from; i < from + NEAR; i += 1) {
    const word = words[i] ?? '';
    if (MACHINE.has(word)) return !/^(?:vacuum|aspirateur|staubsauger|aspirador|learning)$/.test(words[i + 1] ?? '');
    if (AUTOMATIC.has(word)) return ANSWER.has(words[i + 1] ?? '');
    if (ANSWER.has(word)) return AUTOMATIC.has(words[i + 1] ?? '');
    if (!FILLER.has(word) && !ME.has(word) && !WANT.has(word)) return false;
  }
  return false;
}

/** "call me back", "rufen Sie mich zurück", "que alguien me llame"; no machine of ours can. */
function isCallToMe(words: Words, i: number): boolean {
  // "Kann mich bitte jemand anrufen?"
  const far = near(words, i, 2).some((word) => SOMEBODY.has(word)) ? 4 : 2;
  const isMine =
    near(words, i, far).some((word) => /^(?:me|us|mich|uns|moi|nous)$/.test(word)) || /me$/.test(words[i] ?? '');
  return isMine && !words.slice(Math.max(0, i - 4), i + 3).some((word) => NOT.has(word));
}

function near(words: Words, i: number, far: number): Words {
  return words.slice(Math.max(0, i - far), i + far + 1);
}

/** "human!!!", "Mensch bitte", "un humain svp" */
function isNothingButPerson(words: Words): boolean {
  return (
    words.some((_, i) => isPersonAt(words, i)) &&
    words.every((word, i) => POLITE.has(word) || FILLER.has(word) || REAL.has(word) || isPersonAt(words, i))
  );
}

/** Words that a slip of the pen leaves recognisable; `agent` is not among them, for French money is `argent`. */
const SLIPS = [
  'human',
  'person',
  'representative',
  'supervisor',
  'operator',
  'speak',
  'menschen',
  'mitarbeiter',
  'berater',
  'sprechen',
].concat(['humain', 'personne', 'conseiller', 'responsable', 'parler', 'persona', 'humano', 'operador', 'hablar']);

function isOf(set: ReadonlySet<string>, word = ''): boolean {
  return set.has(word) || (word.length >= 4 && SLIPS.some((meant) => set.has(meant) && isSlipOf(meant, word)));
}

/** A letter left out, another in its place, or two that changed places. */
function isSlipOf(meant: string, word: string): boolean {
  let from = 0;
  while (from < word.length && word[from] === meant[from]) from += 1;
  const rest = word.slice(from);
  if (word.length === meant.length - 1) return rest === meant.slice(from + 1);
  if (word.length !== meant.length) return false;
  const swapped = `${meant[from + 1] ?? ''}${meant[from] ?? ''}${meant.slice(from + 2)}`;
  return rest.slice(1) === meant.slice(from + 1) || rest === swapped;
}
