import type { ErasureDeps } from '../../deps-erasure.ts';
import type { Finding, FindingIs, Look } from '../../deps-erasure-store.ts';
import { keptCategories } from '../../domain/erase.ts';
import { StewardError } from '../../domain/errors.ts';
import { type Digest, kindsIn } from '../../domain/fingerprint.ts';
import { beating } from '../beat.ts';
import { here, takingTurns } from '../engine.ts';
import { lettersUnderWay } from './letters.ts';
import { rowOf } from './request.ts';

export function erasureLookActivities({ erasure }: { readonly erasure: ErasureDeps }) {
  /** Each goes through all there is: side by side they are no faster, and each is so slow that it counts as dead. */
  const inTurn = takingTurns();
  return {
    /**
     * Searches every store for the person: databases, files, and the engine's list of workflows. By fingerprint: what they were is known to
     * nobody any more. What is found is written down, and shown in the audit.
     */
    lookAgain: (requestId: string, look: Look): Promise<{ found: number }> =>
      beating(() => inTurn(() => lookThrough(erasure, requestId, look))),
  };
}

async function lookThrough(erasure: ErasureDeps, requestId: string, look: Look): Promise<{ found: number }> {
  const { store } = erasure;
  const key = await erasure.fingerprints.find(requestId);
  // It is destroyed once the window has ended, and not before: else nobody would have looked.
  if (key === null) {
    if (look === 'later' && (await rowOf(store, requestId)).endedAt !== null) return { found: 0 };
    throw new StewardError(
      'InvalidConfig',
      `the fingerprint key of ${requestId} is not in STEWARD_FINGERPRINT_DIR: it has to be the same for every worker, and to last until the window ends`,
    );
  }
  const { heartbeat } = here();
  const digest = remembering((kind, value) => erasure.fingerprint(key, kind, value));
  const { decision } = await rowOf(store, requestId);
  const kept = keptCategories(decision ?? { categories: [] });
  const wanted = await store.wanted(requestId);
  const speaksOf = (text: string) => kindsIn(text, wanted, digest);
  const findings = [
    ...(await store.search(requestId, kept, digest, heartbeat)),
    ...(await searchFiles(erasure, requestId, kept, speaksOf)),
    ...(await searchLists(speaksOf)),
  ];
  await store.saveFindings(requestId, look, findings);
  const of = (is: FindingIs) => findings.filter((finding) => finding.is === is);
  const left = of('left');
  await store.receipt(requestId, look === 'atOnce' ? 'lookAtOnce' : 'lookLater', {
    found: left.length,
    back: of('back').length,
    kept: of('kept').length,
    places: left.slice(0, MOST_PLACES).map(({ store, place, kind, count }) => ({ store, place, kind, count })),
  });
  return { found: left.length };
}

/** Of so many places the receipt tells how much was found in each. */
const MOST_PLACES = 100;
type SpeaksOf = (text: string) => ReadonlySet<string>;

async function searchFiles(
  erasure: ErasureDeps,
  requestId: string,
  kept: ReadonlySet<string>,
  speaksOf: SpeaksOf,
): Promise<Finding[]> {
  const { heartbeat } = here();
  heartbeat('files');
  const letters = await lettersUnderWay(erasure, requestId);
  const held = kept.has('conversations') ? await erasure.store.outboxDeliveries(requestId) : [];
  const heldIds = new Set(held.map(({ deliveryId }) => deliveryId));
  const findings: Finding[] = [];
  for await (const { name, text, mail } of erasure.files()) {
    heartbeat(name);
    const deliveryId = IN_OUTBOX.exec(name)?.[1] ?? '';
    // The letters that tell the person of it wait for them until the window ends.
    if (name.includes(`${requestId}-`) || letters.has(deliveryId)) continue;
    const kinds = speaksOf([text, mail?.head, mail?.words].join('\n'));
    if (kinds.size === 0) continue;
    // The words are kept; whom they were sent to is not a part of them.
    const inHead = heldIds.has(deliveryId) && mail ? speaksOf(mail.head) : null;
    const isBack = deliveryId !== '' && (await erasure.store.deliveriesSince(requestId, [deliveryId])).length > 0;
    const isOf = (kind: string): FindingIs => {
      if (isBack) return 'back';
      return heldIds.has(deliveryId) && !inHead?.has(kind) ? 'kept' : 'left';
    };
    for (const kind of kinds) findings.push({ store: 'files', place: name, kind, is: isOf(kind), count: 1 });
  }
  return findings;
}
const IN_OUTBOX = /^([A-Za-z0-9_-]+)\.(?:eml|json)$/;

async function searchLists(speaksOf: SpeaksOf): Promise<Finding[]> {
  const { client, heartbeat, namespace } = here();
  const counts = new Map<string, number>();
  for await (const text of listed(client, namespace)) {
    heartbeat('temporal');
    for (const kind of speaksOf(text)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => ({ store: 'temporal', place: 'list', kind, is: 'left', count }));
}

const PAGE = 500;
type Client = ReturnType<typeof here>['client'];

/** What the engine shows of each workflow in its lists, as it lies there: others' may be encrypted with keys that are none of ours. */
async function* listed(client: Client, namespace: string): AsyncIterable<string> {
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await client.workflowService.listWorkflowExecutions({ namespace, pageSize: PAGE, nextPageToken });
    for (const { execution, memo, searchAttributes } of page.executions) {
      const payloads = [...Object.values(memo?.fields ?? {}), ...Object.values(searchAttributes?.indexedFields ?? {})];
      yield [execution?.workflowId ?? '', ...payloads.map(({ data }) => Buffer.from(data ?? []).toString('utf8'))].join(
        '\n',
      );
    }
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
}

const MOST_WORDS = 50_000;

/** Most words stand in many rows, and hashing them is most of the work. */
function remembering(digest: Digest): Digest {
  const known = new Map<string, Uint8Array>();
  return (kind, value) => {
    const word = `${kind}\n${value}`;
    const found = known.get(word) ?? digest(kind, value);
    if (known.size >= MOST_WORDS) known.clear();
    known.set(word, found);
    return found;
  };
}
