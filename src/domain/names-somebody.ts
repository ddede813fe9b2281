/** Words of ours that stay when a person is gone: they must not lead to one. */

const ADDRESS = /\S@\S/;
const DATES = /\b(\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4})\b/g;
/** From abroad or with the zero of a long-distance call, and as North America writes them: at least seven digits. */
const NUMBERS = /(?:\+|(?<![\w.-])0)(?:[ \t().\u00a0/-]*\d){6,}|(?<!\d)\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)/;

/** What in a text may name a person, as far as that can be told by its look; null where there is nothing. A name can't be told. */
export function namesSomebody(text: string): 'an e-mail address' | 'a telephone number' | null {
  if (ADDRESS.test(text)) return 'an e-mail address';
  return NUMBERS.test(text.replace(DATES, ' ')) ? 'a telephone number' : null;
}
