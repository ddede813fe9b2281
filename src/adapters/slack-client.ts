import { type Logger, LogLevel, WebClient } from '@slack/web-api';

export interface SlackSettings {
  /** A bot token with chat:write, im:write, and the history scopes of the channels it posts to. */
  readonly token: string;
  readonly apiUrl?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 10_000;

/** A client per call is how an abort signal gets in: Slack's methods take none. */
export function slackClient({ token, apiUrl, timeoutMs = TIMEOUT_MS }: SlackSettings, signal: AbortSignal): WebClient {
  return new WebClient(token, {
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    allowAbsoluteUrls: false,
    logger: SILENT,
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    fetch: (input, init) => fetch(input, { ...init, signal: either(signal, init?.signal) }),
  });
}

/** The three characters with a meaning of their own; with them gone nobody can be mentioned through a customer's text. */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function either(a: AbortSignal, b: AbortSignal | null | undefined): AbortSignal {
  return b ? AbortSignal.any([a, b]) : a;
}

/** Slack's client logs to the console what it also throws. */
const nothing = () => {};
const SILENT: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => LogLevel.ERROR,
  setName: nothing,
};
