/**
 * What is new in a mail: its text without the mails it quotes and without its signature. Programs mark both by habit, not by a rule, so
 * whatever is in doubt counts as new: a line too many misleads nobody, a line too few is a customer who is not heard. Forwarded mails are
 * what their sender wants to show, and no quotes. Line by line and in one pass: strangers write what is read here.
 */

/** Null: all of it is new. @param subject tells a forwarded mail from a quoted one where its program marks neither */
export function newWordsOf(text: string, subject = ''): string | null {
  const lines = text.split(/\r?\n/);
  const isForward = FORWARD_SUBJECT.test(subject);
  const fresh: string[] = [];
  let inSignature = false;
  for (let i = 0; i < lines.length; ) {
    const line = plain(lines[i] ?? '');
    if (FORWARDED.test(line)) {
      fresh.push(...lines.slice(i));
      break;
    }
    if (ORIGINAL.test(line) || (!isForward && isHeaderBlock(lines, i))) {
      // Outlook draws a rule above them.
      if (/^_{10,}$/.test(fresh.findLast((one) => one.trim() !== '')?.trim() ?? '')) dropLastLine(fresh);
      break;
    }
    const attribution = attributionAt(lines, i);
    if (attribution > 0) {
      i = afterBlank(lines, i + attribution);
      // Quoted without a mark: from here on nothing is new.
      if (!isQuoted(lines[i])) break;
    } else if (isQuoted(lines[i])) {
      inSignature = false;
      i += 1;
    } else {
      if (SIGNATURE.test(lines[i] ?? '') || MOBILE.test(line)) inSignature = true;
      if (!inSignature) fresh.push(lines[i] ?? '');
      i += 1;
    }
  }
  const said = tidy(fresh.join('\n'));
  return said === '' || said === tidy(text) ? null : said;
}

function dropLastLine(lines: string[]): void {
  while (lines.length > 0 && lines.pop()?.trim() === '');
}

const tidy = (text: string) =>
  text
    .replace(/\r\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();

/** A line as a rule reads it: without stars and underscores of bold print, and with plain blanks. */
function plain(line: string): string {
  return line
    .slice(0, LONGEST)
    .replace(/[*_\u200b]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
/** A longer line is nobody's attribution. */
const LONGEST = 400;

function isQuoted(line: string | undefined): boolean {
  return /^ {0,3}>/.test(line ?? '');
}

function afterBlank(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && (lines[at] ?? '').trim() === '') at += 1;
  return at;
}

/** Begin and end of "Ana wrote on Monday:", in English, German, French and Spanish. */
const ATTRIBUTIONS: readonly (readonly [begin: RegExp, end: RegExp])[] = [
  [/^on /i, /\bwrote ?:$/i],
  [/^am /i, / schrieb\b[^:]{0,200}:$/i],
  [/^/, / schrieb (am|um) [^:]{1,60}(:\d\d[^:]{0,20})?:$/i],
  [/^le /i, /\ba écrit ?:$/i],
  [/^el /i, /\bescribió ?:$/i],
  // Gmail in other languages: a date, a name, an address.
  [/^\d{4}-\d\d-\d\d /, />:$/],
];
/** Programs break the line, most often before the address. */
const MOST_LINES = 3;

/** How many lines an attribution that begins here has; 0: none does. */
function attributionAt(lines: readonly string[], at: number): number {
  let said = '';
  for (let count = 1; count <= MOST_LINES; count++) {
    const line = lines[at + count - 1];
    if (line === undefined || line.trim() === '' || isQuoted(line)) return 0;
    said = plain(`${said} ${line}`);
    // A date or an address stands in each: "On Monday my colleague wrote:" is a sentence.
    const isOne = said.length < LONGEST && /[\d@]/.test(said);
    if (isOne && ATTRIBUTIONS.some(([begin, end]) => begin.test(said) && end.test(said))) return count;
  }
  return 0;
}

/** Outlook's, and GMX's in another order: the heads of the quoted mail, one on a line, and no mark before what follows. */
const HEADS = [
  /^(from|von|de) ?: ?\S/i,
  /^(sent|date|gesendet|datum|envoyé|enviado( el)?|fecha) ?:/i,
  /^(to|an|à|para) ?:/i,
  /^(subject|betreff|objet|asunto) ?:/i,
];
const MOST_HEADS = 8;

function isHeaderBlock(lines: readonly string[], at: number): boolean {
  if (!HEADS.some((head) => head.test(plain(lines[at] ?? '')))) return false;
  const heads = lines.slice(at, at + MOST_HEADS).map(plain);
  return HEADS.every((head) => heads.some((line) => head.test(line)));
}

const ORIGINAL =
  /^-{2,} ?(original message|ursprüngliche nachricht|originalnachricht|message d['’]origine|message original|mensaje original) ?-{2,}$/i;
const FORWARDED =
  /^(-{2,} ?)?((begin )?forwarded message|weitergeleitete nachricht|anfang der weitergeleiteten nachricht|message transféré|début du message (transféré|réexpédié)|mensaje reenviado|inicio del mensaje reenviado) ?(:|-{2,})( ?-*)$/i;
const FORWARD_SUBJECT = /^(fwd?|wg|tr|rv|i) ?:/i;

/** RFC 3676, 4.3; most programs lose the blank. */
const SIGNATURE = /^-- ?$/;
const MOBILE =
  /^(sent from my [\p{L} ]{2,30}|get outlook for (ios|android).{0,60}|von meinem [\p{L} ]{2,30} gesendet|gesendet von (meinem|outlook).{0,60}|outlook für (ios|android) .{0,60}|holen sie sich outlook für .{0,60}|envoyé (de|depuis) mon [\p{L} ]{2,30}|(télécharger|obtenir) outlook pour .{0,60}|(descargar|obtener) outlook para .{0,60}|enviado desde mi [\p{L} ]{2,30})\.?$/iu;
