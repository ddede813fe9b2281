/** What the commands about erasures work with. Apart from `compose.ts`: no provider's library is loaded for them. */
import { join } from 'node:path';
import { lettersHeld } from './activities/erase/letters.ts';
import { createErasureLedger, createFingerprintFiles } from './adapters/erasure-files.ts';
import { createErasureSecrets } from './adapters/erasure-secrets.ts';
import { createLinks } from './adapters/links.ts';
import { createOutbox } from './adapters/outbox.ts';
import { readPrivacyPolicy } from './adapters/privacy-policy.ts';
import type { StewardClient } from './client.ts';
import { composeErasureRequests, deleteHistoryBy, type HistoryService, isErasureRunningBy } from './compose-erasure.ts';
import { composeKeys } from './compose-keys.ts';
import type { Config } from './config.ts';
import type { Links } from './deps.ts';
import type { Remnant } from './deps-erasure-store.ts';
import type { Asked } from './domain/erase.ts';
import type { Identity } from './domain/identity.ts';
import { logAsked } from './erasure-asked.ts';
import { type ErasurePreview, previewErasure } from './erasure-preview.ts';
import { type Reapplied, reapplyErasures } from './erasure-reapply.ts';
import type { ErasureRequests } from './erasure-requests.ts';
import { identifyOfficer } from './officer.ts';
import type { Secret } from './secret.ts';
import { createAuditLog } from './store/audit.ts';
import { loginOf, openDatabases } from './store/database.ts';
import { heldOf } from './store/erasure-preview.ts';
import { createErasureReader, type ErasureLine, type ErasureStep } from './store/erasure-read.ts';
import { createErasureStore } from './store/erasures.ts';
import { createTaskStore } from './store/human-tasks.ts';
import { knownOfPerson } from './store/known-of-person.ts';
import { createOfficerReader } from './store/officers.ts';

export interface ErasureDesk {
  readonly requests: ErasureRequests;
  readonly client: Pick<StewardClient, 'describeErasure' | 'operateErasure'>;
  readonly links: Pick<Links, 'erasurePage'>;
  /** What would go and what would be kept. That somebody looked is logged first. */
  readonly preview: (asked: Asked, now: Date) => Promise<ErasurePreview>;
  /** Erases again whom a restored backup has brought back. */
  readonly reapply: () => Promise<readonly Reapplied[]>;
  readonly list: (options: { readonly all: boolean }) => Promise<readonly ErasureLine[]>;
  readonly findings: (requestId: string) => Promise<readonly Remnant[]>;
  readonly steps: (requestId: string) => Promise<readonly ErasureStep[]>;
  /** Who sits here, as far as they show it. @throws StewardError InvalidConfig: an API key that is none, or whose role may not decide */
  readonly identify: (label: string | undefined) => Promise<Identity>;
  readonly close: () => Promise<void>;
}

export interface ErasureDeskParts {
  readonly config: Config;
  readonly databaseUrl: Secret;
  readonly linkSecret: Secret;
  readonly officerKey: Secret | undefined;
  readonly client: StewardClient;
  readonly workflowService: HistoryService;
}

/** @throws StewardError InvalidPolicy, InvalidConfig (the key-encryption key is missing, or another database's) */
export async function composeErasureDesk(parts: ErasureDeskParts): Promise<ErasureDesk> {
  const { config, client, linkSecret } = parts;
  const policy = await readPrivacyPolicy(config.files.privacy);
  const databases = openDatabases({ url: parts.databaseUrl.reveal(), poolSize: 2 });
  const db = databases.as('steward_officer');
  const { ring } = composeKeys({ config, db: databases.as('steward_keys'), makeKek: false, clearText: 'refuse' });
  const secrets = createErasureSecrets(linkSecret.reveal());
  const outbox = createOutbox({ dir: join(config.stateDir, 'outbox'), from: config.mailFrom });
  const { webUiUrl, namespace } = config.temporal;
  const ground = { db, keys: ring, policy, linkSecret: linkSecret.reveal() };
  return {
    requests: composeErasureRequests(ground, client, undefined),
    client: {
      describeErasure: client.describeErasure,
      operateErasure: logAsked({ audit: createAuditLog(db), policy, nobody: () => loginOf(db) }, client),
    },
    links: createLinks({ secret: linkSecret.reveal(), publicUrl: config.gateway.publicUrl, webUiUrl, namespace }),
    identify: (label) => identifyOfficer(createOfficerReader(db), parts.officerKey, label),
    preview: async (asked, now) =>
      previewErasure(
        {
          policy,
          held: (whom) => heldOf(db, secrets.subjectDigests, whom),
          letters: (whom) =>
            lettersHeld({ store: createErasureStore(db), outboxMails: (isWanted) => outbox.mails(isWanted) }, whom),
          known: (customerIds) => knownOfPerson(db, customerIds),
          audit: createAuditLog(db),
          by: await loginOf(db),
        },
        asked,
        now,
      ),
    reapply: async () =>
      reapplyErasures({
        by: await loginOf(db),
        erasure: {
          // It does a worker's work.
          store: createErasureStore(databases.as('steward_worker')),
          ledger: createErasureLedger(config.erasure.ledger),
          fingerprints: createFingerprintFiles(config.erasure.fingerprints),
          fingerprint: secrets.fingerprint,
          outboxMails: (isWanted) => outbox.mails(isWanted),
          forgetAddressee: (ids, before) => outbox.forgetAddressee(ids, before),
          removeFromOutbox: (ids, before) => outbox.remove(ids, before),
        },
        keys: ring,
        deleteHistory: deleteHistoryBy(parts.workflowService, namespace),
        isRunning: isErasureRunningBy(parts.workflowService, namespace),
        tasks: {
          ofFlows: createTaskStore(databases.as('steward_worker')).ofFlows,
          callOff: client.tasks.callOff,
        },
      }),
    ...createErasureReader(db),
    async close() {
      await ring.close();
      await databases.close();
    },
  };
}
