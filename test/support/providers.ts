import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type AwsStandIn, startAws } from './stand-ins/aws.ts';
import { PAGERDUTY_KEY, type PagerDutyStandIn, startPagerDuty } from './stand-ins/pagerduty.ts';
import { SLACK_SECRET, SLACK_TOKEN, type SlackStandIn, startSlack } from './stand-ins/slack.ts';
import { type StatuspageStandIn, startStatuspage } from './stand-ins/statuspage.ts';

export interface Providers {
  readonly aws: AwsStandIn;
  readonly slack: SlackStandIn;
  readonly statuspage: StatuspageStandIn;
  readonly pagerDuty: PagerDutyStandIn;
  /** What leads a Steward to some of them, at a pace that tests don't feel. */
  settings(...which: readonly Which[]): Readonly<Record<string, string>>;
}
type Which = 'comprehend' | 'ses' | 'slack' | 'slackCalls' | 'statuspage' | 'pagerDuty';

/** A stand-in for every provider, as good as new for each test. Call it above `useSteward`, which asks for their addresses. */
export function useProviders(): Providers {
  const held: { current?: Omit<Providers, 'settings'> } = {};
  beforeAll(async () => {
    const starts = [startAws(), startSlack(), startStatuspage(), startPagerDuty()] as const;
    const [aws, slack, statuspage, pagerDuty] = await Promise.all(starts);
    held.current = { aws, slack, statuspage, pagerDuty };
  });
  afterAll(() => Promise.all(Object.values(held.current ?? {}).map((standIn) => standIn.stop())));
  beforeEach(() => {
    const { aws, slack, statuspage, pagerDuty } = current();
    for (const standIn of [aws, slack, statuspage, pagerDuty]) standIn.reset();
    pagerDuty.events.length = 0;
    pagerDuty.incidents.length = 0;
    aws.mails.length = 0;
    aws.rejected.clear();
    slack.messages.length = 0;
    slack.views.length = 0;
    slack.whispers.length = 0;
    Object.assign(aws.comprehend, { language: 'en', sentiment: 'NEUTRAL', score: 0.9 });
    Object.assign(statuspage.summary, { status: { indicator: 'none', description: 'fine' }, incidents: [] });
  });
  function current(): Omit<Providers, 'settings'> {
    if (!held.current) throw new Error('the stand-ins are there from the first beforeAll on');
    return held.current;
  }
  return {
    get aws() {
      return current().aws;
    },
    get slack() {
      return current().slack;
    },
    get statuspage() {
      return current().statuspage;
    },
    get pagerDuty() {
      return current().pagerDuty;
    },
    settings(...which) {
      const { aws, slack, statuspage, pagerDuty } = current();
      const region = { AWS_REGION: aws.settings.region };
      const all: Record<Which, Record<string, string>> = {
        comprehend: { ...region, AWS_ENDPOINT_URL_COMPREHEND: aws.url, STEWARD_COMPREHEND_PER_SECOND: '100' },
        ses: {
          ...region,
          AWS_ENDPOINT_URL_SES: aws.url,
          STEWARD_MAIL_FROM: 'Example Support <help@support.example>',
          STEWARD_MAIL_PER_SECOND: '100',
        },
        slack: { SLACK_BOT_TOKEN: SLACK_TOKEN, STEWARD_SLACK_API_URL: slack.apiUrl, STEWARD_SLACK_PER_SECOND: '100' },
        slackCalls: { SLACK_SIGNING_SECRET: SLACK_SECRET },
        statuspage: { STEWARD_STATUSPAGE_URL: statuspage.url },
        pagerDuty: {
          STEWARD_PAGERDUTY_KEY: PAGERDUTY_KEY,
          STEWARD_PAGERDUTY_URL: pagerDuty.url,
          STEWARD_PAGERDUTY_PER_SECOND: '100',
        },
      };
      const off = which.includes('comprehend') ? {} : { STEWARD_COMPREHEND: 'off' };
      return Object.assign({}, off, ...which.map((name) => all[name]));
    },
  };
}
