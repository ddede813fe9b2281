import { z } from 'zod';
import type { StatusProvider } from '../deps.ts';
import type { SystemStatus } from '../domain/enrich.ts';
import { ProviderError } from '../domain/errors.ts';
import { noAnswer, retryAfterMs } from './network.ts';

export interface StatuspageSettings {
  /** `https://status.example.com` */
  readonly url: string;
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 5_000;
const INDICATORS = ['none', 'minor', 'major', 'critical', 'maintenance'] as const;

/** The part of Statuspage's summary that we read (every status page has it at `/api`). */
const Summary = z.object({
  status: z.object({ indicator: z.string() }),
  incidents: z.array(z.object({ name: z.string(), status: z.string().default('investigating') })).default([]),
  components: z.array(z.object({ name: z.string(), status: z.string(), group: z.boolean().nullish() })).default([]),
});

export function createStatuspage({ url, timeoutMs = TIMEOUT_MS }: StatuspageSettings): StatusProvider {
  const address = `${url.replace(/\/+$/, '')}/api/v2/summary.json`;
  return {
    async fetch(signal) {
      const body = await getJson(address, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
      const parsed = Summary.safeParse(body);
      if (!parsed.success) throw new ProviderError('statuspage', 'the answer is not a summary', { retryable: false });
      return statusOf(parsed.data);
    },
  };
}

async function getJson(address: string, signal: AbortSignal): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(address, { signal, headers: { accept: 'application/json' } });
    text = await response.text();
  } catch (error) {
    throw noAnswer('statuspage', error, false);
  }
  if (!response.ok) {
    const { status } = response;
    throw new ProviderError('statuspage', `HTTP ${status}`, {
      retryable: status >= 500 || status === 408 || status === 429,
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
    });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new ProviderError('statuspage', 'the answer is not JSON', { retryable: true });
  }
}

function statusOf(summary: z.output<typeof Summary>): Pick<SystemStatus, 'indicator' | 'incidents'> {
  const indicator = INDICATORS.find((known) => known === summary.status.indicator) ?? 'unknown';
  const incidents = summary.incidents.filter((i) => i.status !== 'resolved' && i.status !== 'postmortem');
  if (incidents.length > 0) return { indicator, incidents: incidents.map((i) => i.name) };
  // An outage that nobody has written up yet shows in the components alone.
  const down = summary.components.filter((c) => !c.group && /^(partial|major)_outage$/.test(c.status));
  return { indicator, incidents: down.map((c) => `${c.name}: ${c.status.replace('_', ' ')}`) };
}
