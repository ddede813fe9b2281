import { erasureWorkflowId } from '../../contract.ts';
import type { DataKeys } from '../../deps-keys.ts';

/**
 * Destroys keys of what was sealed for a request, with their entry in the log; `by` the request whose workflow does so. The shred of the
 * person's own keys has an intent before it.
 */
export async function destroySealed(
  keys: Pick<DataKeys, 'shred'>,
  requestId: string,
  names: readonly string[],
  by = requestId,
): Promise<void> {
  await keys.shred(names, {
    actor: { kind: 'workflow', id: erasureWorkflowId(by) },
    action: 'erasure.keysDestroyed',
    object: `erasure/${requestId}`,
  });
}
