/** What tells endpoints of tickets, from policies/webhooks.yaml. */
import { readWebhookPolicy } from './adapters/webhook-policy.ts';
import { createWebhookSender } from './adapters/webhook-sender.ts';
import type { Config } from './config.ts';
import type { WebhookDeps } from './deps-webhooks.ts';
import { StewardError } from './domain/errors.ts';
import { webhookBody } from './domain/webhook.ts';
import { zendeskBody } from './domain/webhook-zendesk.ts';
import type { Database } from './store/database.ts';
import { createWebhookStore, type NamedEndpoint } from './store/webhooks.ts';

const BODIES = { steward: webhookBody, zendesk: zendeskBody } as const;

export interface ComposedWebhooks {
  readonly deps: WebhookDeps;
  readonly named: readonly NamedEndpoint[];
}

/** @throws StewardError InvalidPolicy; InvalidConfig: an endpoint's secret is missing */
export async function composeWebhooks(
  config: Config,
  db: Database,
  secretOf: (name: string) => string | undefined,
): Promise<ComposedWebhooks> {
  const store = createWebhookStore(db);
  const policy = await readWebhookPolicy(config.files.webhooks);
  if (policy === null) return { deps: { store, endpoints: new Map() }, named: [] };
  const { retries, timeout: timeoutMs, circuit } = policy;
  const { openAfter, firstPause: firstPauseMs, longestPause: longestPauseMs } = circuit;
  const rules = { retries, openAfter, firstPauseMs, longestPauseMs };
  const endpoints = policy.endpoints.map(({ name, url, secretEnv, format }) => {
    const secrets = secretEnv.map((setting) => {
      const secret = secretOf(setting);
      if (secret !== undefined) return secret;
      const mend = `expected the secret that ${name} of policies/webhooks.yaml shares with us`;
      throw new StewardError('InvalidConfig', `${setting}: ${mend}`);
    });
    const addresses = config.webhookAddresses;
    const sender = { name, url, secrets, bodyOf: BODIES[format], rules, timeoutMs, addresses };
    return [name, createWebhookSender(sender)] as const;
  });
  return {
    deps: { store, endpoints: new Map(endpoints) },
    named: policy.endpoints.map(({ name, events, sources }) => ({ name, events, sources: sources ?? null })),
  };
}
