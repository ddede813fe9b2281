import { coarse } from './coarse.ts';

/** A help article that the search found for a ticket. */
export interface HelpMatch {
  readonly articleId: string;
  readonly title: string;
  /** 0 to 1: how sure the bot is that this article answers the question. */
  readonly confidence: number;
}

/** At or above this the bot answers by itself; below it a person does. */
export const SURE_ENOUGH = 0.5;

export function isSure(match: HelpMatch): boolean {
  return match.confidence >= SURE_ENOUGH;
}

/** A word that only the text of an article has counts so much of what one in its title or keywords does. */
export const TOLD_WEIGHT = 0.4;
/**
 * A word of the question that no article has. Less than a rare word that one has (1): names and asides are among them; but far more
 * than nothing: a question full of them is about something else.
 */
export const UNKNOWN_WEIGHT = 0.75;

/**
 * What the search found about one article. Sums of rarities: a word's rarity is ln(1 + N/n) / ln(1 + N), where N is the number of
 * articles in the language and n how many have the word (never below 1), each by TOLD_WEIGHT where only its text does: 1 for a word
 * of one article, near 0 for a word of them all.
 */
export interface Evidence {
  readonly articleId: string;
  readonly title: string;
  readonly language: string;
  /** All words of the question, small talk aside, in the article's language; UNKNOWN_WEIGHT for each that no article has. */
  readonly asked: number;
  /** Those of them in the article's title or keywords. */
  readonly named: number;
  /** Those in its text only. */
  readonly told: number;
}

/** How slowly a long question asks for more: two hundred words don't ask twenty times what ten do. */
const LENGTH_EXPONENT = 0.7;
/** Of two articles that fit equally well, one is wrong as often as not: each keeps this share of its confidence. */
const TIE_SHARE = 0.5;
/** How near the second must come to count: at 4, one that fits 70% as well costs 12%, one that fits half as well 3%. */
const TIE_EXPONENT = 4;

/**
 * The articles found, the best first. confidence = share × weight × margin, where
 * - share: how much of the question the article covers, (named + told × TOLD_WEIGHT) / asked ^ LENGTH_EXPONENT, at most 1;
 * - weight: 1 - e^-named. One common word ("my account"), though it be all of the question, says too little;
 * - margin: 1 - TIE_SHARE × (rival / own) ^ TIE_EXPONENT, the rival being the best other article of the same language.
 *
 * Rarity and saturation are the old ones of text retrieval (Spärck Jones 1972; BM25). The constants were chosen on half of the first
 * questions in test/fixtures/help-questions.yaml and lean to silence: a simple question costs a person a minute, a wrong answer costs
 * the customer's trust. An article in the ticket's own language goes before one in another, unless only the other is sure.
 */
export function rankMatches(found: readonly Evidence[], language: string): HelpMatch[] {
  return found
    .map((article) => ({
      match: { articleId: article.articleId, title: article.title, confidence: confidence(article, found) },
      own: article.language === language,
    }))
    .filter(({ match }) => match.confidence > 0)
    .sort(
      (a, b) =>
        Number(isSure(b.match)) - Number(isSure(a.match)) ||
        Number(b.own) - Number(a.own) ||
        b.match.confidence - a.match.confidence ||
        (a.match.articleId < b.match.articleId ? -1 : 1),
    )
    .map(({ match }) => match);
}

function confidence(article: Evidence, found: readonly Evidence[]): number {
  const own = covered(article);
  if (own <= 0 || article.asked <= 0) return 0;
  const rivals = found.filter((other) => other !== article && other.language === article.language).map(covered);
  const share = Math.min(1, own / article.asked ** LENGTH_EXPONENT);
  const weight = 1 - Math.exp(-article.named);
  const margin = 1 - TIE_SHARE * Math.min(1, Math.max(0, ...rivals) / own) ** TIE_EXPONENT;
  return coarse(share * weight * margin);
}

function covered(article: Evidence): number {
  return article.named + TOLD_WEIGHT * article.told;
}
