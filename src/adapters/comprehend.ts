import {
  ComprehendClient,
  DetectDominantLanguageCommand,
  DetectSentimentCommand,
  type DetectSentimentCommandOutput,
  type LanguageCode,
} from '@aws-sdk/client-comprehend';
import type { SentimentProvider } from '../deps.ts';
import { coarse } from '../domain/coarse.ts';
import type { SentimentFinding, SentimentLabel } from '../domain/enrich.ts';
import { ProviderError } from '../domain/errors.ts';
import { type AwsSettings, awsClientConfig, awsError } from './aws.ts';
import { cutBytes } from './text.ts';

/** Comprehend's limit for one text, in bytes of UTF-8. */
const MAX_BYTES = 5_000;
/** Below this Comprehend can't tell a language. */
const MIN_CHARACTERS = 20;
const LABELS: readonly SentimentLabel[] = ['POSITIVE', 'NEGATIVE', 'NEUTRAL', 'MIXED'];
/** What DetectSentiment reads (docs.aws.amazon.com, "Languages supported in Amazon Comprehend"). */
const LANGUAGES = new Set(['ar', 'de', 'en', 'es', 'fr', 'hi', 'it', 'ja', 'ko', 'pt', 'zh', 'zh-TW']);

export interface ComprehendSettings extends AwsSettings {
  /** Says the language of a text that is too short for Comprehend to tell. English unless given. */
  readonly shortTextLanguage?: ((text: string) => string) | undefined;
}

export function createComprehend(settings: ComprehendSettings): SentimentProvider {
  const client = new ComprehendClient(awsClientConfig(settings));
  const shortTextLanguage = settings.shortTextLanguage ?? (() => 'en');

  async function languageOf(text: string, abortSignal: AbortSignal): Promise<string> {
    if ([...text].length < MIN_CHARACTERS) return shortTextLanguage(text);
    const { Languages = [] } = await client.send(new DetectDominantLanguageCommand({ Text: text }), { abortSignal });
    const best = Languages.reduce((a, b) => ((b.Score ?? 0) > (a.Score ?? 0) ? b : a), {
      Score: 0,
      LanguageCode: 'en',
    });
    return best.LanguageCode ?? 'en';
  }

  return {
    async detect(message, signal) {
      const text = cutBytes(message.trim(), MAX_BYTES);
      if (text === '') throw new ProviderError('comprehend', 'the text is empty', { retryable: false });
      try {
        const language = await languageOf(text, signal);
        if (!LANGUAGES.has(language)) {
          throw new ProviderError('comprehend', `language "${language}" is not supported`, { retryable: false });
        }
        const command = new DetectSentimentCommand({ Text: text, LanguageCode: language as LanguageCode });
        const answer = await client.send(command, { abortSignal: signal });
        return { ...finding(answer), language: language.slice(0, 2) };
      } catch (error) {
        throw awsError('comprehend', error, false);
      }
    },
  };
}

function finding(answer: DetectSentimentCommandOutput): SentimentFinding {
  const label = LABELS.find((known) => known === answer.Sentiment);
  if (!label) throw new ProviderError('comprehend', 'the answer has no sentiment', { retryable: true });
  const { Positive = 0, Negative = 0, Neutral = 0, Mixed = 0 } = answer.SentimentScore ?? {};
  const scores = {
    POSITIVE: coarse(Positive),
    NEGATIVE: coarse(Negative),
    NEUTRAL: coarse(Neutral),
    MIXED: coarse(Mixed),
  };
  return { label, scores, confidence: scores[label] };
}
