/*
 * Words in which English, German, French and Spanish customers ask for a person; without accents, as `person-wish.ts` reads them. All
 * languages lie in one set: a short message is easily taken for another language.
 */
const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/));

/** Whoever is called so works for us, or is at least no machine. */
export const PERSON = words(`
  human humans person representative representatives rep agent operator supervisor manager colleague advisor adviser clerk
  mensch menschen person mitarbeiter mitarbeiterin mitarbeitern kundenberater kundenberaterin sachbearbeiter sachbearbeiterin ansprechpartner
  ansprechpartnerin berater beraterin vorgesetzter vorgesetzten vorgesetzte kollege kollegen kollegin
  humain humaine personne conseiller conseillere operateur operatrice representant responsable interlocuteur interlocutrice collegue
  persona humano humana agente operador operadora asesor asesora representante supervisor supervisora encargado encargada ejecutivo ejecutiva
  companero companera
`);
/** Enough to ask whether there is one, or whether one could. */
export const HUMAN = words('human humans mensch menschen humain humaine humains humano humana humanos');
/** Somebody: a person where one is to be spoken to, and anybody at all elsewhere. */
export const SOMEBODY = words(
  'someone somebody anyone anybody jemand jemandem jemanden quelqu alguien staff team support soporte service',
);
/** What makes a person real. */
export const REAL = words(`
  real live living actual human flesh-and-blood echter echte echten echtem richtiger richtige richtigen richtigem lebender lebenden wirklichen
  menschlicher menschliche menschlichen vrai vraie veritable reelle physique humaine reale fisica
`);
/** The same after whom it is said of: `someone real`, `persona humana`. */
export const REAL_AFTER = words('real reelle physique humaine humana fisica');
/** After `real`. */
export const ONE = words(
  'person people one being someone somebody anyone agent representative operator menschen personne conseiller agent persona',
);

export const WANT = words(`
  want wants need like love prefer expect demand require get give
  will wollen mochte moechte mochten brauche brauchen verlange wunsche hatte haette gern gerne lieber
  veux voudrais voudrai voulons souhaite souhaiterais aimerais besoin prefere exige desire
  quiero quisiera necesito prefiero exijo deseo gustaria queremos
`);
/** To speak with somebody, or to be brought to them. */
export const REACH = words(`
  speak speaking spoken spoke talk talking talked chat reach reached
  sprechen gesprochen reden erreichen verbinden verbunden weiterleiten weitergeleitet durchstellen telefonieren weitergeben unterhalten schreiben
  parler discuter echanger joindre contacter communiquer rappeler transferer transferez mettre mettez remettez mis passer passez passe
  hablar hable conversar chatear comunicar comunicarme comunique comuniqueme comuniquenme contactar paseme pasame pasenme pase pongame ponme
  transfiera transfierame transfieran transfieranme atienda atender atenderme comunicame
`);
/** With `me` after it, or said of oneself: "connect me to", "be put through to". */
export const BRING = words(`
  connect connected transfer transferred put pass passed forward forwarded refer referred hand handed escalate escalated geben gib geben leiten
`);
/** Who is to be brought. */
export const ME = words('me us be been das es dies this it');

export const NOT = words('not never no nicht nie kein keine keinen keinem keiner keines ne n pas non');
/** As good as a no where a machine follows. */
export const ENOUGH = words(`
  not no never without stop enough instead nicht kein keine keinen keinem statt anstatt ohne genug satt pas sans assez arretez marre
  sin basta harto harta ningun
`);
export const MACHINE = words(`
  bot bots chatbot chatbots robot robots machine machines computer automat automaten roboter robotern maschine maschinen maquina maquinas ordinateur ordenador
`);
/** With `answer` before or after it. */
export const AUTOMATIC = words(
  'automatic automated automatische automatischen automatisierte automatisierten automatiques automatique automaticas automatica',
);
export const ANSWER = words(
  'answer answers reply replies response responses message messages antwort antworten reponse reponses respuesta respuestas mensajes',
);

/** What may stand between a wish and what is wished. */
export const FILLER = words(`
  a an the some your my any one of from please just only now finally to with by through in touch on really rather instead actually
  talk speak want deal be sending send get hear more this these that chat
  ein eine einen einem einer den dem der die das ihren ihrem ihr euer euren mit an zu zum von diesem diesen dieser bitte endlich nur jetzt hier auch gern gerne mal
  reden sprechen will mochte personlichen personlicher
  un une le la les du des de d l a au avec ce ces cette votre vos s il vous plait svp merci moi parler veux en relation contact ligne
  una el los las con al su sus este esta por favor ya que me quiero hablar lo
  have having avoir haben tener
`);
/** What a person's name stands before where it is no person that is wanted. */
export const NOT_A_PERSON = words(`
  role roles access account accounts seat seats license licence licenses permission permissions right rights string header id name names email
  resources resource settings setting group groups list api key log logs zugang rolle konto rechte
`);
export const POLITE = words(
  'please pls plz now bitte jetzt svp s il vous plait por favor hello hi hallo bonjour hola thanks danke merci gracias help',
);
/** "Can a human …?" */
export const CAN = words(
  'can could may would will should is are have kann konnte konnten gibt ist sind peut pourrait y a puede podria hay',
);
/** "May I have …?": asked so, who is had is wanted. */
export const MAY_I = words('can could may puis peux pourrais pourrait peut kann konnte darf puedo podria');
export const HAVE = words('have get avoir haben bekommen tener');
export const CALL = words(
  'call ring phone anrufen zuruckrufen rufen ruft rufe rappeler rappelez appeler appelez llame llamen llamar llamarme llameme llamenme llamame',
);
