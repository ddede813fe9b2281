/** The concrete things of an erasure. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DeletionService, deleteRuns } from './activities/delete-runs.ts';
import { createAssertionCheck } from './adapters/assertion.ts';
import { createErasureLedger, createFingerprintFiles } from './adapters/erasure-files.ts';
import { createErasureSecrets } from './adapters/erasure-secrets.ts';
import { readMailWords } from './adapters/mail-words.ts';
import type { OutboxEraser } from './adapters/outbox.ts';
import { createHttpRecipient, createSlackRecipient, slackCopies } from './adapters/recipients.ts';
import type { StewardClient } from './client.ts';
import type { Config } from './config.ts';
import { erasureWorkflowId } from './contract.ts';
import type { SlackCopies } from './deps.ts';
import type { ErasureDeps, OwnFile, Recipient } from './deps-erasure.ts';
import type { DataKeys } from './deps-keys.ts';
import { StewardError } from './domain/errors.ts';
import { isNotFound } from './domain/grpc.ts';
import type { PrivacyPolicy } from './domain/privacy-policy.ts';
import { createErasureRequests, type ErasureRequests } from './erasure-requests.ts';
import type { Database } from './store/database.ts';
import { createErasureIntake } from './store/erasure-intake.ts';
import { createErasureStore } from './store/erasures.ts';

export interface ErasureGround {
  readonly config: Config;
  readonly db: Database;
  readonly keys: DataKeys;
  readonly policy: PrivacyPolicy;
  readonly linkSecret: string;
  readonly outbox: OutboxEraser;
  readonly slack: SlackCopies;
  /** False: nobody is called there, and what stands there stays. */
  readonly hasSlack: boolean;
  readonly pageOf: (requestId: string) => string;
  /** The secret behind a name that the policy gives; undefined when there is none. */
  readonly secretOf: (name: string) => string | undefined;
}

/** @throws StewardError InvalidConfig: a recipient's secret is missing */
export function composeErasure(ground: ErasureGround): ErasureDeps {
  const { config, db, keys, policy } = ground;
  return {
    store: createErasureStore(db),
    keys,
    policy,
    secondFactor: config.erasure.secondFactor,
    fingerprints: createFingerprintFiles(config.erasure.fingerprints),
    ledger: createErasureLedger(config.erasure.ledger),
    recipients: recipientsOf(ground),
    ...createErasureSecrets(ground.linkSecret),
    pageOf: ground.pageOf,
    outboxMails: (isWanted) => ground.outbox.mails(isWanted),
    forgetAddressee: (deliveryIds, before) => ground.outbox.forgetAddressee(deliveryIds, before),
    removeFromOutbox: (deliveryIds, before) => ground.outbox.remove(deliveryIds, before),
    files: () => filesOf(config.stateDir),
  };
}

/** The part of Temporal's API that deletes, and says what runs. */
export interface HistoryService extends DeletionService {
  describeWorkflowExecution(request: {
    namespace: string;
    execution: { workflowId: string };
  }): Promise<{ readonly workflowExecutionInfo?: { readonly status?: number | null } | null }>;
}

/** Code of Temporal's workflow status. */
const RUNNING = 1;

export function isErasureRunningBy(
  service: HistoryService,
  namespace: string,
): (requestId: string) => Promise<boolean> {
  return async (requestId) => {
    try {
      const execution = { workflowId: erasureWorkflowId(requestId) };
      const { workflowExecutionInfo } = await service.describeWorkflowExecution({ namespace, execution });
      return workflowExecutionInfo?.status === RUNNING;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  };
}

export function deleteHistoryBy(service: HistoryService, namespace: string): (workflowId: string) => Promise<void> {
  return (workflowId) => deleteRuns(service, namespace, workflowId);
}

/** Where wishes come in: gateway and command line. `platform`: whose word for a person is taken, where it can come in. */
export function composeErasureRequests(
  ground: Pick<ErasureGround, 'db' | 'keys' | 'policy' | 'linkSecret'>,
  client: Pick<StewardClient, 'requestErasure' | 'tellProved' | 'withdrawErasure'>,
  platform: { readonly assertionSecret: string | undefined; readonly secondFactor: boolean } | undefined,
): ErasureRequests {
  const { db, keys, policy, linkSecret } = ground;
  return createErasureRequests({
    store: createErasureIntake(db),
    keys,
    policy,
    ...createErasureSecrets(linkSecret),
    checkAssertion: createAssertionCheck(platform?.assertionSecret),
    secondFactor: platform?.secondFactor ?? false,
    start: async (requestId) => {
      await client.requestErasure(requestId);
    },
    tellProved: client.tellProved,
    tellWithdrawn: client.withdrawErasure,
  });
}

/**
 * Slack is a recipient wherever we write there or once did, named in the policy or not: what stands there of somebody stays open where
 * nobody can take it away any more.
 */
function recipientsOf({ policy, slack, hasSlack, secretOf }: ErasureGround): Recipient[] {
  const slackRecipient = (name: string, categories: Recipient['categories']): Recipient => ({
    ...createSlackRecipient(name, categories, slack),
    ...(hasSlack ? {} : { isGiven: (particulars) => slackCopies(particulars).length > 0 }),
  });
  const named = policy.recipients.flatMap((recipient): Recipient[] => {
    const { name, kind, categories, url, secretEnv } = recipient;
    if (kind === 'slack') return [slackRecipient(name, categories)];
    const secret = secretEnv === undefined ? undefined : secretOf(secretEnv);
    if (url === undefined || secret === undefined) {
      const setting = secretEnv ?? `recipients.${name}.secretEnv`;
      throw new StewardError(
        'InvalidConfig',
        `${setting}: expected the secret that ${name} of policies/privacy.yaml shares with us`,
      );
    }
    return [createHttpRecipient({ name, kind, categories, url, secret })];
  });
  const isNamed = named.some(({ kind }) => kind === 'slack');
  return isNamed ? named : [slackRecipient('slack', ['conversations']), ...named];
}

/** Logs and messages that lie as files. What a database or a server keeps in files of its own is not read here. */
async function* filesOf(stateDir: string): AsyncIterable<OwnFile> {
  const dirs = [
    { dir: stateDir, of: /\.(log|jsonl)$/ },
    { dir: join(stateDir, 'outbox'), of: /\.(eml|json)$/ },
    { dir: join(stateDir, 'audits'), of: /\.(json|html)$/ },
  ];
  for (const { dir, of } of dirs) {
    for (const name of await readdir(dir).catch(() => [])) {
      if (!of.test(name)) continue;
      // It may go while we look.
      const raw = await readFile(join(dir, name)).catch(() => Buffer.alloc(0));
      const mail = name.endsWith('.eml') ? await readMailWords(raw) : null;
      yield { name, text: raw.toString('utf8'), ...(mail ? { mail } : {}) };
    }
  }
}
