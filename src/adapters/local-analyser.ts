import { detectAll } from 'tinyld';
import vader from 'vader-sentiment';
import type { LocalAnalyser } from '../deps.ts';
import { coarse } from '../domain/coarse.ts';
import { type SentimentFinding, sentimentOfScore } from '../domain/enrich.ts';
import { cutText } from './text.ts';

/** The languages that we tell apart; a short list makes fewer wrong guesses. */
const LANGUAGES = 'ar da de en es fi fr hi it ja ko nl no pl pt ru sv tr uk zh'.split(' ');
/** tinyld gives 1 for a word that only one language has, and shares of letter groups below; those mislead in short texts. */
const SURE = 0.5;
const FALLBACK = 'en';
/** Enough to know a mood or a language by; keeps the longest message within a few milliseconds. */
const ENOUGH = 5_000;

/**
 * Words that VADER counts as feelings and that carry none in a letter to a support team: courtesies, and the team's own name
 * ("kind regards", "I would like", "your support").
 */
const TRADE_WORDS =
  /\b(?:(?:kind(?:est)?|best|warm(?:est)?|many)\s+(?:regards|wishes|greetings)|regards|dear|please|thank(?:s| you)\s+(?:very much |so much |a lot )?in advance|(?:would|'d)\s+like|support|help(?:desk)?)\b/gi;

/**
 * Sentiment by VADER (Hutto & Gilbert 2014: lexicon, negation, boosters), which knows English only; language by tinyld.
 * Both keep nothing of the texts they read.
 */
export function createLocalAnalyser(): LocalAnalyser {
  return {
    sentiment(text, language) {
      if (language !== 'en') return undefined;
      const words = cutText(text, ENOUGH)
        .replace(/[\u2018\u2019]/g, "'")
        .replace(TRADE_WORDS, ' ');
      return findingOf(vader.SentimentIntensityAnalyzer.polarity_scores(words));
    },

    language(text) {
      const best = detectAll(cutText(text, ENOUGH), { only: LANGUAGES })[0];
      return best && best.accuracy >= SURE ? best.lang : FALLBACK;
    },
  };
}

/** The compound score, judged as the platform's own score is; MIXED where both kinds of words are there and neither wins. */
export function findingOf(scores: { pos: number; neg: number; compound: number }): SentimentFinding | undefined {
  const { pos, neg, compound } = scores;
  if (pos === 0 && neg === 0) return undefined;
  const finding = sentimentOfScore(coarse(compound));
  return finding.label === 'NEUTRAL' && pos > 0 && neg > 0 ? { ...finding, label: 'MIXED' } : finding;
}
