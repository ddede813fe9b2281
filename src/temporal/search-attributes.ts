import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../contract.ts';
import { StewardError } from '../domain/errors.ts';
import { codeOf, isNotFound } from '../domain/grpc.ts';

/** Indexed value types of Temporal's API (`temporal.api.enums.v1.IndexedValueType`). */
const INDEXED = { KEYWORD: 2, BOOL: 5 } as const;
/** Codes of gRPC. */
const INVALID_ARGUMENT = 3;
const PERMISSION_DENIED = 7;
/** What a server says to the second of two who change a namespace at once: ALREADY_EXISTS, ABORTED, UNAVAILABLE. */
const LOST_RACE = new Set<unknown>([6, 10, 14]);

/** A server looks at its namespaces every few seconds, ten by default in some versions. */
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 200;

/**
 * Creates the search attributes that are missing, and waits until a ticket may be started with them. Where only an administrator may
 * (Temporal Cloud), they must be there already. Worker and gateway may do it at once.
 * @throws StewardError Unavailable
 */
export async function ensureSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  for (; ; await sleep(LOOK_EVERY_MS)) {
    const missing = await findMissing(connection, namespace);
    if (missing.length === 0) break;
    await create(connection, namespace, missing).catch((error: unknown) => {
      if (!LOST_RACE.has(codeOf(error)) || Date.now() > end) throw error;
    });
  }
  // After that a ticket is answered with 503, which is no reason not to start.
  while (!(await areUsable(connection, namespace)) && Date.now() < end) await sleep(LOOK_EVERY_MS);
}

type Name = keyof typeof SEARCH_ATTRIBUTES;
const NAMES = Object.keys(SEARCH_ATTRIBUTES) as Name[];

async function findMissing(connection: NativeConnection, namespace: string): Promise<Name[]> {
  const { customAttributes } = await connection.operatorService
    .listSearchAttributes({ namespace })
    .catch((cause: unknown) => {
      if (!isNotFound(cause)) throw cause;
      const mend = 'make it, or check TEMPORAL_NAMESPACE';
      throw new StewardError('Unavailable', `Temporal has no namespace ${namespace}: ${mend}.`, { cause });
    });
  return NAMES.filter((name) => !(name in customAttributes));
}

async function create(connection: NativeConnection, namespace: string, missing: readonly Name[]): Promise<void> {
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, INDEXED[SEARCH_ATTRIBUTES[name]]]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes }).catch((cause: unknown) => {
    if (codeOf(cause) !== PERMISSION_DENIED) throw cause;
    const wanted = missing.map((name) => `${name} (${SEARCH_ATTRIBUTES[name]})`).join(', ');
    throw new StewardError(
      'Unavailable',
      `The namespace ${namespace} lacks search attributes, which only its administrator may make: ${wanted}.`,
      { cause },
    );
  });
}

/** A question that names them all is judged by what the server knows of the namespace, as a start is. This one looks at no ticket. */
async function areUsable(connection: NativeConnection, namespace: string): Promise<boolean> {
  const query = ["WorkflowId = 'none'", ...NAMES.map((name) => `${name} IS NULL`)].join(' AND ');
  return connection.workflowService.countWorkflowExecutions({ namespace, query }).then(
    () => true,
    // Whatever else is wrong shows when work begins.
    (error: unknown) => codeOf(error) !== INVALID_ARGUMENT,
  );
}
