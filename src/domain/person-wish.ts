/**
 * "I want a human", as customers say it in English, German, French and Spanish. Every language is looked for in every text: a short message
 * is easily taken for another language. Leans to yes: a person who was not wanted costs a minute, a bot that does not let go costs the
 * customer's trust.
 */
export function wantsPerson(text: string): boolean {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    // Typographic apostrophes, and line breaks in the middle of a sentence.
    .replace(/[’‘`´]/g, "'")
    .replace(/\s+/g, ' ');
  return WISHES.some((wish) => wish.test(plain));
}

/** Within one sentence, and not far apart. */
const NEAR = '[^.!?;]{0,40}?';
/** Words end where letters end, in all four languages: `\b` knows English ones only. */
const wish = (pattern: string): RegExp => new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern})(?![\\p{L}\\p{N}])`, 'u');

const EN_PERSON =
  '(?:(?:real|live|actual|human) (?:person|human|being|agent|people|one|someone|somebody|representative|operator)|humans?|person(?! (?:who|that|whose))|someone real|somebody real|representative|rep|(?:support |service |customer service )?agent|operator|supervisor|manager|member of (?:the |your )?(?:staff|team))';
const EN_REACH =
  '(?:speak|talk|chat|connect(?:ed)?|transfer(?:red)?|put (?:me )?through|pass(?:ed)? (?:me )?on|get (?:me )?(?:through|hold of|in touch)|escalate(?:d)?|call(?:ed)? back|write|hear)';
const DE_PERSON =
  '(?:(?:echten?|richtigen?|lebenden?|wirklichen?|echtem|menschlichen?[rsm]?) (?:menschen?|person|mitarbeiter(?:in|n)?|ansprechpartner(?:in)?|berater(?:in)?)|menschen?|mitarbeiter(?:in|n)?|kundenberater(?:in)?|sachbearbeiter(?:in)?|ansprechpartner(?:in)?|berater(?:in)?|vorgesetzten?|person(?! die))';
const DE_REACH =
  '(?:sprechen|reden|verbinden|verbunden|weiterleiten|weitergeleitet|durchstellen|telefonieren|schreiben|übergeben|weitergeben|zurückgerufen)';
const FR_PERSON =
  "(?:(?:vraie|véritable) personne|(?:vrai|véritable) (?:humain|conseiller|agent)|être humain|humaine?|personne (?:réelle|physique|humaine)|conseill(?:er|ère)|agent|opérat(?:eur|rice)|responsable|interlocuteur|quelqu'un)";
const FR_REACH =
  '(?:parler|discuter|échanger|joindre|contacter|communiquer|(?:re)?mettez|mettre en (?:relation|contact)|mis en (?:relation|contact)|transfér(?:er|ez|é)|passe[rz]-moi)';
const ES_PERSON =
  '(?:persona(?: real| humana| física)?(?! que)|humano|ser humano|agente|operador[a]?|asesora?|representante|supervisora?|encargad[oa]|alguien(?: real)?)';
const ES_REACH =
  '(?:hablar|hable|conversar|chatear|comunicar(?:me)?|comuníque(?:me|nme)|contactar|pase(?:me|n|nme)|páse(?:me|nme)|transfier(?:a|an)(?:me)?|transfiér(?:ame|anme)|atienda|atender)';

const WISHES: readonly RegExp[] = [
  // English
  wish(`${EN_REACH} (?:me )?(?:to|with|by|from)?${NEAR}${EN_PERSON}`),
  wish(`(?:want|need|like|prefer|give me|get me|expect) (?:an?|the|some|your|my)? ?${EN_PERSON}`),
  wish(`(?:human|real person|live agent|agent|representative|operator) (?:please|now)`),
  wish(
    `(?:is there|are there|can i have|could i have|may i have)${NEAR}(?:humans?|real (?:person|people)|live (?:person|agent))`,
  ),
  wish(
    `(?:no|not an?|don't want an?|without an?|stop the|enough of (?:this|the)|instead of an?) (?:chat ?)?(?:bots?|robots?|machines?|automat(?:ic|ed) (?:answers?|repl(?:y|ies)))`,
  ),
  // German
  wish(`(?:mit|an|zu|von)${NEAR}${DE_PERSON}${NEAR}${DE_REACH}`),
  wish(`${DE_REACH}${NEAR}(?:mit|an|zu)${NEAR}${DE_PERSON}`),
  wish(
    `(?:will|möchte|brauche|verlange|wünsche|hätte gern(?:e)?) (?:bitte |endlich |nur )?(?:einen?|den|ihren|mit einem)? ?${DE_PERSON}`,
  ),
  wish(
    `(?:keinen?|kein|statt(?: eines?)?|genug von(?: diesem)?) (?:chat ?)?(?:bots?|roboters?|automaten?|maschine|automatischen? antwort(?:en)?)`,
  ),
  wish('(?:echten?|richtigen?) menschen?'),
  // French
  wish(`${FR_REACH}${NEAR}${FR_PERSON}`),
  wish(`(?:veux|voudrais|souhaite|besoin d'|préfère|exige) ?(?:une?|un|le|la)? ?${FR_PERSON}`),
  wish(
    `(?:pas (?:de|d'un|un|à un)|assez (?:de ce|du|des)|arrêtez (?:ce|le)) (?:chat ?)?(?:bots?|robots?|machines?|réponses? automatiques?)`,
  ),
  wish('(?:vrai|véritable) humain|vraie personne'),
  // Spanish
  wish(`${ES_REACH}${NEAR}${ES_PERSON}`),
  wish(`(?:quiero|quisiera|necesito|prefiero|exijo|deseo) (?:a )?(?:una?|un|el|la)? ?${ES_PERSON}`),
  wish(
    `(?:no (?:quiero|con)(?: hablar con)? (?:un|una|el)|sin|basta de|harto de(?: este)?) (?:chat ?)?(?:bots?|robots?|máquinas?|respuestas? automáticas?)`,
  ),
  wish('(?:persona|humano) (?:real|de verdad)'),
];
