import { type Answer, type Asked, json } from './server.ts';

export interface ComprehendSide {
  /** What Comprehend says of the next texts; a test sets what it needs. */
  readonly comprehend: {
    language: string;
    sentiment: 'POSITIVE' | 'NEGATIVE' | 'NEUTRAL' | 'MIXED';
    score: number;
    /** Texts whose sentiment was asked for. */
    readonly texts: string[];
  };
}

const LANGUAGES = ['ar', 'de', 'en', 'es', 'fr', 'hi', 'it', 'ja', 'ko', 'pt', 'zh', 'zh-TW'];
const MAX_BYTES = 5_000;

export function createComprehendSide(): ComprehendSide & { work(asked: Asked): Answer } {
  const comprehend: ComprehendSide['comprehend'] = { language: 'en', sentiment: 'NEUTRAL', score: 0.9, texts: [] };

  function work({ action, headers, body }: Asked): Answer {
    if (headers['content-type'] !== 'application/x-amz-json-1.1') return refused('UnknownOperationException');
    const { Text, LanguageCode } = JSON.parse(body) as { Text?: unknown; LanguageCode?: unknown };
    if (typeof Text !== 'string' || Text === '') return refused('InvalidRequestException');
    if (action === 'DetectDominantLanguage') {
      return answer({
        Languages: [
          { LanguageCode: 'la', Score: 0.01 },
          { LanguageCode: comprehend.language, Score: 0.98 },
        ],
      });
    }
    if (action !== 'DetectSentiment') return refused('UnknownOperationException');
    if (Buffer.byteLength(Text) > MAX_BYTES) return refused('TextSizeLimitExceededException');
    if (!LANGUAGES.includes(String(LanguageCode))) return refused('UnsupportedLanguageException');
    comprehend.texts.push(Text);
    return answer({ Sentiment: comprehend.sentiment, SentimentScore: scores(comprehend) });
  }

  return { comprehend, work };
}

/** The given score for the label, the rest shared out. */
function scores({ sentiment, score }: ComprehendSide['comprehend']) {
  const rest = (1 - score) / 3;
  const of = (label: string) => (label === sentiment ? score : rest);
  return { Positive: of('POSITIVE'), Negative: of('NEGATIVE'), Neutral: of('NEUTRAL'), Mixed: of('MIXED') };
}

function answer(body: unknown): Answer {
  return json(200, body, { 'content-type': 'application/x-amz-json-1.1' });
}

function refused(type: string): Answer {
  return json(400, { __type: type, Message: `refused: ${type}` }, { 'content-type': 'application/x-amz-json-1.1' });
}
