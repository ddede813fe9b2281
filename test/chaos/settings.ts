import { join } from 'node:path';
import type { AwsStandIn } from '../support/stand-ins/aws.ts';
import { SLACK_TOKEN, type SlackStandIn } from '../support/stand-ins/slack.ts';
import type { Stage } from './stage.ts';

/** Signs what links and codes the processes and their test make. */
export const LINK_SECRET = 'a secret of tests, 32 letters or more';

/** What a process on this stage is told, whatever it is to do. */
export function settingsOn(
  { temporalAddress }: Stage,
  at: { readonly stateDir: string; readonly databaseUrl: string; readonly taskQueue: string; readonly port: number },
): Record<string, string> {
  return {
    STEWARD_STATE_DIR: at.stateDir,
    STEWARD_TASK_QUEUE: at.taskQueue,
    STEWARD_PORT: String(at.port),
    STEWARD_LINK_SECRET: LINK_SECRET,
    STEWARD_KEK_FILE: join(at.stateDir, 'kek'),
    STEWARD_LOST_ATTEMPT_MS: '3000',
    STEWARD_LOG_LEVEL: 'error',
    // What breaks here is to be met by every call.
    STEWARD_HEALING: join(at.stateDir, 'no-healing.yaml'),
    TEMPORAL_ADDRESS: temporalAddress,
    DATABASE_URL: at.databaseUrl,
  };
}

/** Mail by the stand-in, as fast as it takes it. */
export function mailBy(aws: AwsStandIn): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: aws.settings.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.settings.credentials.secretAccessKey,
    AWS_REGION: aws.settings.region,
    AWS_ENDPOINT_URL_SES: aws.url,
    STEWARD_COMPREHEND: 'off',
    STEWARD_MAIL_FROM: 'Example Support <help@support.example>',
    STEWARD_MAIL_PER_SECOND: '100',
  };
}

/** The same for Slack. */
export function slackBy(slack: SlackStandIn): Record<string, string> {
  return { SLACK_BOT_TOKEN: SLACK_TOKEN, STEWARD_SLACK_API_URL: slack.apiUrl, STEWARD_SLACK_PER_SECOND: '100' };
}
