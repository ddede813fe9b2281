/**
 * What customers say whatever they ask, by language: greetings, thanks, politeness, "it doesn't work". It says nothing about the
 * matter, so the search for an answer leaves it out. Written as it is spoken; the store cuts it to word stems as it does articles. The
 * commonest words of a language (the, der, le, el) are left out by PostgreSQL itself.
 */
export const SMALL_TALK: Readonly<Record<string, string>> = {
  en: `
    hello hi hey dear sir madam good morning afternoon evening day team support thanks thank thx cheers regards best kind kindly sincerely
    please help helps need want like would could should may might must shall let know tell say says said ask asked asking question
    questions wonder wondering advise possible able unable way ways able try tried trying figure
    work works working worked problem problems issue issues trouble wrong broken something anything everything nothing someone somebody anybody
    anyone everyone nobody thing things stuff idea
    doesn didn don isn wasn aren weren hasn haven hadn won wouldn couldn shouldn ain cannot ve ll re m d im ive
    get gets getting got go goes going gone come comes coming make makes making made do does did done put see look looking find found
    use using used happen happens happened keep keeps give gives take seem seems think thought guess hope feel
    today yesterday tomorrow now soon still already yet ever never always often since ago last next first again week weeks month months
    year years day days hour hours minute minutes time times monday tuesday wednesday thursday friday saturday sunday
    also really very much many lot lots just even quite maybe perhaps actually currently instead however well right sure okay ok yes no
    one two three new old several whole certain different another else every without within
    company business customer customers service product site website page system using via etc asap urgent urgently sorry`,
  de: `
    hallo guten tag morgen abend moin liebe lieber sehr geehrte geehrter damen herren team support danke dank vielen herzlichen grüße grüßen
    gruß freundlichen mfg lg bitte bitten helfen hilfe hilft brauche brauchst braucht brauchen möchte möchten will wollen würde könnte könnten können kann
    soll sollte müssen muss darf lassen weiß wissen sagen sage frage fragen gern gerne möglich gibt gäbe wäre hätte
    funktioniert funktionieren geht gehen klappt problem probleme fehler falsch kaputt etwas nichts alles jemand niemand
    machen mache macht tun finde finden finden sehen sehe schauen prüfen bekommen bekomme bekommt geben kommen kommt
    heute gestern morgen jetzt immer noch schon seit letzten letzte nächsten mehr wieder woche wochen monat monate monats jahr jahre tag tage
    auch sehr viel viele nur leider vielleicht eigentlich ganz neu neue neues dringend
    firma kunde kunden dienst seite unser unsere ihr ihre mein meine`,
  fr: `
    bonjour bonsoir salut cher chère madame monsieur équipe support merci avance cordialement salutations bien
    aide aider besoin veux voudrais souhaite souhaiterais aimerais peux puis peut pouvez pourriez pouvoir dois doit faut faire fais fait
    savoir sais dire dites question questions demande demander possible svp plaît
    marche marcher fonctionne fonctionner problème problèmes souci erreur cassé quelque chose rien tout personne quelqu
    comment pourquoi quand où quel quelle trouver trouve voir regarder
    arrive arriver aller vais va venir prendre mettre donner
    aujourd hui hier demain maintenant toujours encore déjà depuis dernier dernière prochain plus semaine semaines mois an année jour jours
    aussi très beaucoup juste peut être vraiment nouveau nouvelle urgent
    société client clients service site page`,
  es: `
    hola buenos buenas días tardes noches estimado estimada señor señora equipo soporte gracias saludos cordiales atentamente
    ayuda ayudar ayúdenme necesito quiero quisiera querría gustaría puedo puede pueden podría poder debo debe hay hacer hago hecho
    saber sé decir pregunta preguntas favor posible
    funciona funcionan funcionar problema problemas error errores mal roto algo nada todo alguien nadie
    cómo cuándo dónde qué cuál encontrar encuentro ver mirar pasa pasar
    ir voy va venir tomar poner dar
    hoy ayer mañana ahora siempre todavía ya desde pasado pasada último última próximo más semana semanas mes meses año años día
    también muy mucho mucha sólo quizás realmente nuevo nueva urgente
    empresa cliente clientes servicio sitio página`,
};
