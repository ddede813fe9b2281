/** Real calls to providers that change nothing: does one answer again? */
import { GetSendQuotaCommand, type SESClient } from '@aws-sdk/client-ses';
import type { SentimentProvider } from '../deps.ts';
import type { Probe } from '../deps-healing.ts';
import { awsError } from './aws.ts';
import { type SlackSettings, slackClient } from './slack-client.ts';
import { slackError } from './slack-error.ts';

/** Words of ours, and no customer's: long enough for Comprehend to tell their language. */
export const PROBE_TEXT = 'The office is on the second floor of the building.';

export function probeComprehend(comprehend: SentimentProvider): Probe {
  return async (signal) => {
    await comprehend.detect(PROBE_TEXT, signal);
  };
}

export function probeSlack(settings: SlackSettings): Probe {
  return async (signal) => {
    try {
      await slackClient(settings, signal).auth.test();
    } catch (error) {
      throw slackError(error, false);
    }
  };
}

export function probeSes(client: SESClient): Probe {
  return async (abortSignal) => {
    try {
      await client.send(new GetSendQuotaCommand({}), { abortSignal });
    } catch (error) {
      throw awsError('ses', error, false);
    }
  };
}
