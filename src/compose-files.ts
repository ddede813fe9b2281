/** Everything that is kept as files, read in one round: whatever is wrong with any of them is told at once, before anything runs. */
import { allInOrder } from './adapters/all-in-order.ts';
import { readHealingRules } from './adapters/healing-policy.ts';
import { readHttpPolicy } from './adapters/http-policy.ts';
import { readPrivacyPolicy } from './adapters/privacy-policy.ts';
import { type ReadSource, readSources } from './adapters/source-files.ts';
import { createTemplates } from './adapters/templates.ts';
import { readWebhookPolicy } from './adapters/webhook-policy.ts';
import { type Pinned, pinFlow } from './compose-flow.ts';
import { type Rules, readRules } from './compose-rules.ts';
import type { Config } from './config.ts';
import type { Templates } from './deps.ts';
import type { HealingRules } from './deps-healing.ts';
import type { PrivacyPolicy } from './domain/privacy-policy.ts';
import type { HttpPolicyFile } from './schema/http-policy.ts';
import type { WebhookPolicyFile } from './schema/webhook-policy.ts';

export interface ReadFiles {
  readonly pinned: Pinned;
  readonly rules: Rules;
  readonly privacy: PrivacyPolicy;
  readonly webhooks: WebhookPolicyFile | null;
  readonly healing: HealingRules | null;
  readonly http: HttpPolicyFile | null;
  readonly sources: readonly ReadSource[];
  readonly templates: Templates;
}

/** @throws StewardError InvalidFlow, InvalidPolicy, InvalidTemplate: everything that is wrong with the files */
export async function readFiles(files: Config['files']): Promise<ReadFiles> {
  const [pinned, rules, privacy, webhooks, healing, http, sources, templates] = await allInOrder([
    pinFlow(files.flow),
    readRules(files, new Date()),
    readPrivacyPolicy(files.privacy),
    readWebhookPolicy(files.webhooks),
    readHealingRules(files.healing),
    readHttpPolicy(files.http),
    readSources(files.sources),
    createTemplates(files.templates),
  ]);
  return { pinned, rules, privacy, webhooks, healing, http, sources, templates };
}
