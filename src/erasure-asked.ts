/** What somebody is to say to an erasure is logged before it is said, and what was answered after: what is refused leaves a trace as well. */
import { answered } from './answered.ts';
import type { ErasureOperations, StewardClient } from './client.ts';
import type { AuditLog } from './deps.ts';
import type { AuditActor } from './domain/audit.ts';
import { ERASURE_ID } from './domain/erase.ts';
import { actorBy } from './domain/identity.ts';
import type { JsonObject } from './domain/json.ts';
import type { PrivacyPolicy } from './domain/privacy-policy.ts';

export interface AskedParts {
  readonly audit: AuditLog;
  readonly policy: Pick<PrivacyPolicy, 'officers'>;
  /** Whom the log names where nobody is shown. */
  readonly nobody: () => Promise<AuditActor>;
}

/** The client's `operateErasure`, behind its entry in the log. @throws when it can't be logged; then nothing is said */
export function logAsked(
  { audit, policy, nobody }: AskedParts,
  client: Pick<StewardClient, 'operateErasure'>,
): StewardClient['operateErasure'] {
  return async (requestId, act, args) => {
    const actor = args.by === undefined ? await nobody() : actorBy(args.by);
    const object = `erasure/${ERASURE_ID.test(requestId) ? requestId : 'unknown'}`;
    const after = saidOf(args, policy);
    await audit.append([{ actor, action: `erasure.${act}Asked`, object, after }]);
    return answered(
      (why) => audit.append([{ actor, action: `erasure.${act}Answered`, object, why, after }]),
      () => client.operateErasure(requestId, act, args),
    );
  };
}

/** Who was shown, and labels that we know: what is typed may be anything, and the log keeps it for good. */
function saidOf(args: ErasureOperations[keyof ErasureOperations], { officers }: AskedParts['policy']): JsonObject {
  const { by = [], step } = { step: undefined, ...args };
  const known = (id: string) =>
    !id.startsWith('officer/') || officers.some((officer) => id === `officer/${officer.id}`);
  return {
    by: by.filter(known),
    ...(step !== undefined && /^[A-Za-z]{1,30}(:[A-Za-z]{1,30})?$/.test(step) ? { step } : {}),
  };
}
