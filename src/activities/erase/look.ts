import type { ErasureDeps, Finding, Look } from '../../deps-erasure.ts';
import { StewardError } from '../../domain/errors.ts';
import { type Digest, kindsIn } from '../../domain/fingerprint.ts';
import { here } from '../engine.ts';
import { lettersByFingerprint } from './letters.ts';
import { rowOf } from './request.ts';

export function erasureLookActivities({ erasure }: { readonly erasure: ErasureDeps }) {
  const { store } = erasure;
  return {
    /**
     * Searches every store for the person: databases, files, and the engine's list of workflows. By fingerprint: what they were is known to
     * nobody any more. What is found is written down, and shown in the audit.
     */
    async lookAgain(requestId: string, look: Look): Promise<{ found: number }> {
      const key = await erasure.fingerprints.find(requestId);
      // It is destroyed once the window has ended, and not before: else nobody would have looked.
      if (key === null) {
        if (look === 'later' && (await rowOf(store, requestId)).endedAt !== null) return { found: 0 };
        throw new StewardError(
          'InvalidConfig',
          `the fingerprint key of ${requestId} is not in STEWARD_FINGERPRINT_DIR: it has to be the same for every worker, and to last until the window ends`,
        );
      }
      const { client, heartbeat, namespace } = here();
      const digest = remembering((kind, value) => erasure.fingerprint(key, kind, value));
      const findings: Finding[] = [...(await store.search(requestId, digest, heartbeat))];
      heartbeat('files');
      const wanted = await store.wanted(requestId);
      const letters = new Set((await lettersByFingerprint(erasure, requestId)).map((letter) => `${letter}.eml`));
      for await (const { name, text } of erasure.files()) {
        heartbeat(name);
        // The letters that tell the person of it wait for them until the window ends.
        if (name.includes(`${requestId}-`) || letters.has(name)) continue;
        for (const kind of kindsIn(text, wanted, digest))
          findings.push({ store: 'files', place: name, kind, back: false });
      }
      for await (const text of listed(client, namespace)) {
        heartbeat('temporal');
        for (const kind of kindsIn(text, wanted, digest)) {
          findings.push({ store: 'temporal', place: 'list', kind, back: false });
        }
      }
      await store.saveFindings(requestId, look, findings);
      const found = findings.filter(({ back }) => !back).length;
      await store.receipt(requestId, look === 'atOnce' ? 'lookAtOnce' : 'lookLater', {
        found,
        back: findings.length - found,
      });
      return { found };
    },
  };
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
