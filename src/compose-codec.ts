/** The door for who looks into Temporal. */
import { createCodecSessions } from './adapters/codec-sessions.ts';
import type { Config } from './config.ts';
import type { CodecDoor } from './http/deps.ts';
import type { Secret } from './secret.ts';
import { createAuditLog } from './store/audit.ts';
import type { KeyRing } from './store/data-keys.ts';
import type { Database } from './store/database.ts';
import { createKeyStore } from './store/keys.ts';
import { createCodecDoor } from './temporal/codec-door.ts';

export interface CodecGround {
  /** The gateway's. */
  readonly db: Database;
  readonly ring: KeyRing;
  readonly temporal: Pick<Config['temporal'], 'namespace' | 'webUiUrl'>;
  readonly linkSecret: Secret;
}

export function composeCodec({ db, ring, temporal, linkSecret }: CodecGround): CodecDoor {
  return {
    webUiOrigin: new URL(temporal.webUiUrl).origin,
    ...createCodecDoor(ring, temporal.namespace),
    sessions: createCodecSessions(linkSecret.reveal()),
    liveKey: createKeyStore(db, { kind: 'system', id: 'gateway' }).live,
    record: ({ key, workflowIds, opened, erased }) =>
      createAuditLog(db).append([
        {
          actor: { kind: 'key', id: key.id },
          action: 'codec.decoded',
          object: workflowIds.length === 1 ? `workflow/${workflowIds[0]}` : 'workflows',
          after: { workflowIds: [...workflowIds], opened, erased },
        },
      ]),
  };
}
