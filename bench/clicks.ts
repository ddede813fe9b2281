import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SLACK_SECRET, SLACK_TOKEN, startSlack } from '../test/support/stand-ins/slack.ts';
import { letIn, post } from './let-in.ts';
import { type BenchStack, startBenchStack } from './stack.ts';

export interface ClickFigures {
  /** Open all the while. */
  readonly tickets: number;
  readonly clicks: number;
  /** From the request to its answer, in ms. */
  readonly p50: number;
  readonly p99: number;
  /** Clicks whose tickets are claimed exactly once, by who clicked. */
  readonly claimed: number;
  /** From the first click until the last claim was seen written, by a look twice a second. */
  readonly seconds: number;
}

/** Clicks a second, evenly, whether those before are answered or not: people wait for nobody. */
const PER_SECOND = 5;
const CLICKS = 300;
const PATIENCE_MS = 120_000;

/** Opens so many tickets, and has somebody click "Claim" at some of them, as Slack would tell of it. */
export async function benchClicks(tickets: number, say: (line: string) => void): Promise<ClickFigures> {
  const slack = await startSlack();
  const stack = await startBenchStack(say, {
    SLACK_BOT_TOKEN: SLACK_TOKEN,
    SLACK_SIGNING_SECRET: SLACK_SECRET,
    STEWARD_SLACK_API_URL: slack.apiUrl,
    STEWARD_SLACK_PER_SECOND: '1000',
  });
  try {
    say(`clicks: letting ${tickets} tickets in`);
    const ids = await letIn(stack, tickets);
    while ((await stack.open('CUST-BENCH')) < tickets) await sleep(500);
    say('clicks: all are with a person');
    const latencies: number[] = [];
    const clicked = ids.slice(0, CLICKS);
    const begun = performance.now();
    await Promise.all(
      clicked.map(async (id, i) => {
        await sleep((i * 1000) / PER_SECOND);
        const from = performance.now();
        await click(stack, id, slack.answerUrl());
        latencies.push(performance.now() - from);
      }),
    );
    let claimed = 0;
    while (claimed < clicked.length && performance.now() - begun < PATIENCE_MS) {
      await sleep(500);
      claimed = await stack.claims();
    }
    latencies.sort((a, b) => a - b);
    const at = (q: number) => Math.round((latencies[Math.floor((latencies.length - 1) * q)] ?? 0) * 10) / 10;
    const seconds = Math.round((performance.now() - begun) / 100) / 10;
    return { tickets, clicks: clicked.length, p50: at(0.5), p99: at(0.99), claimed, seconds };
  } finally {
    await stack.stop();
    await slack.stop();
  }
}

async function click(stack: BenchStack, ticketId: string, answerUrl: string): Promise<void> {
  const value = `steward|${ticketId}|1`;
  const payload = {
    type: 'block_actions',
    user: { id: 'U0ANA00001' },
    trigger_id: randomBytes(8).toString('hex'),
    response_url: answerUrl,
    message: { blocks: 'x'.repeat(8_000) },
    actions: [{ type: 'button', action_id: 'claim', block_id: value, value }],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const at = Math.floor(Date.now() / 1000);
  const mac = createHmac('sha256', SLACK_SECRET).update(`v0:${at}:${body}`).digest('hex');
  const status = await post(stack, '/v1/slack/interactions', body, {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': `${at}`,
    'x-slack-signature': `v0=${mac}`,
  });
  if (status !== 200) throw new Error(`a click was answered with ${status}`);
}

export function clickAims({ tickets, clicks, p99, claimed }: ClickFigures) {
  return [
    {
      aim: `a click at one of ${tickets} open tickets, p99 ms until Slack hears that it is taken <= 300`,
      is: p99,
      max: 300,
    },
    { aim: 'clicks lost or taken twice <= 0', is: clicks - claimed, max: 0 },
  ];
}
