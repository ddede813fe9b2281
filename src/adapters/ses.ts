import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import type { Mailer } from '../deps.ts';
import { ProviderError } from '../domain/errors.ts';
import { type AwsSettings, awsClientConfig, awsError } from './aws.ts';
import { composeMime, type Sender } from './mime.ts';

export function createSesClient(settings: AwsSettings): SESClient {
  return new SESClient(awsClientConfig(settings));
}

export interface SesMailerParts extends Sender {
  readonly client: SESClient;
  /** Bounces and complaints are published by a configuration set. */
  readonly configurationSet?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/**
 * Mail by Amazon SES; returns SES's message id, which is the local part of the Message-ID that the recipient sees.
 * SES has no idempotency token: a send whose answer is lost may have gone out.
 */
export function createSesMailer({ client, configurationSet, tags = {}, ...sender }: SesMailerParts): Mailer {
  return {
    async send(mail, signal) {
      if (signal.aborted) throw new ProviderError('ses', 'cancelled before sending', { retryable: true });
      const { raw, from, to } = await composeMime(mail, sender);
      const command = new SendRawEmailCommand({
        RawMessage: { Data: raw },
        Source: from,
        Destinations: [to],
        ...(configurationSet === undefined ? {} : { ConfigurationSetName: configurationSet }),
        Tags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
      });
      try {
        const { MessageId } = await client.send(command, { abortSignal: signal });
        if (!MessageId)
          throw new ProviderError('ses', 'the answer has no message id', { retryable: true, answerLost: true });
        return MessageId;
      } catch (error) {
        throw awsError('ses', error, true);
      }
    },
  };
}
