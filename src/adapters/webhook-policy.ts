import { access } from 'node:fs/promises';
import { type WebhookPolicyFile, webhookContradictions, webhookPolicy } from '../schema/webhook-policy.ts';
import { readPolicyFile } from './policy-file.ts';

/**
 * Who is told of what happens to tickets, from its file; null where there is none: then nobody is.
 * @throws StewardError InvalidPolicy naming the file, the line, the field and the mend.
 */
export async function readWebhookPolicy(path: string): Promise<WebhookPolicyFile | null> {
  const isThere = await access(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
  return isThere ? readPolicyFile(path, webhookPolicy, webhookContradictions) : null;
}
