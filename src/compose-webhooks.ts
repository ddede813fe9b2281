/** What tells endpoints of tickets, from policies/webhooks.yaml. */
import { createWebhookSender } from './adapters/webhook-sender.ts';
import type { Config } from './config.ts';
import type { WebhookDeps, WebhookEndpoint } from './deps-webhooks.ts';
import { StewardError } from './domain/errors.ts';
import { webhookBody } from './domain/webhook.ts';
import { zendeskBody } from './domain/webhook-zendesk.ts';
import type { WebhookPolicyFile } from './schema/webhook-policy.ts';
import type { Database } from './store/database.ts';
import { createWebhookStore, saveWebhookEndpoints } from './store/webhooks.ts';

const BODIES = { steward: webhookBody, zendesk: zendeskBody } as const;

export interface ComposedWebhooks {
  readonly deps: WebhookDeps;
  /**
   * Makes the endpoints ready, and writes them down for the triggers. The worker's alone: the gateway need not hold their secrets.
   * @throws StewardError InvalidConfig: an endpoint's secret is missing
   */
  load(): Promise<void>;
}

/** @param policy null: nobody is told */
export function composeWebhooks(
  config: Config,
  policy: WebhookPolicyFile | null,
  db: Database,
  secretOf: (name: string) => string | undefined,
): ComposedWebhooks {
  const ready = new Map<string, WebhookEndpoint>();
  const secretsOf = (name: string, settings: readonly string[]) =>
    settings.map((setting) => {
      const secret = secretOf(setting);
      if (secret !== undefined) return secret;
      const mend = `expected the secret that ${name} of policies/webhooks.yaml shares with us`;
      throw new StewardError('InvalidConfig', `${setting}: ${mend}`);
    });
  return {
    deps: { store: createWebhookStore(db), endpoints: ready },
    async load() {
      const given = policy?.endpoints ?? [];
      if (policy !== null) {
        const { retries, timeout: timeoutMs, circuit } = policy;
        const { openAfter, firstPause: firstPauseMs, longestPause: longestPauseMs } = circuit;
        const rules = { retries, openAfter, firstPauseMs, longestPauseMs };
        const addresses = config.webhookAddresses;
        for (const { name, url, secretEnv, format } of policy.endpoints) {
          const secrets = secretsOf(name, secretEnv);
          const bodyOf = BODIES[format];
          ready.set(name, createWebhookSender({ name, url, secrets, bodyOf, rules, timeoutMs, addresses }));
        }
      }
      await saveWebhookEndpoints(
        db,
        given.map(({ name, events, sources }) => ({ name, events, sources: sources ?? null })),
      );
    },
  };
}
