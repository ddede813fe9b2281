import type { ErasureDeps, Finding, Look } from '../../deps-erasure.ts';
import { kindsIn } from '../../domain/fingerprint.ts';
import { here } from './data.ts';

export function erasureLookActivities({ erasure }: { readonly erasure: ErasureDeps }) {
  const { store } = erasure;
  return {
    /**
     * Searches every store for the person: databases, files, and the engine's list of workflows. By fingerprint: what they were is known to
     * nobody any more. What is found is written down, and shown in the audit.
     */
    async lookAgain(requestId: string, look: Look): Promise<{ found: number }> {
      const key = await erasure.fingerprints.find(requestId);
      if (key === null) return { found: 0 };
      const { client, heartbeat } = here();
      const digest = (kind: string, value: string) => erasure.fingerprint(key, kind, value);
      const findings: Finding[] = [...(await store.search(requestId, digest, heartbeat))];
      heartbeat('files');
      const wanted = await store.wanted(requestId);
      for await (const { name, text } of erasure.files()) {
        heartbeat(name);
        // The letter that tells the person of it waits for them until the window ends.
        if (name.includes(`${requestId}-`)) continue;
        for (const kind of kindsIn(text, wanted, digest))
          findings.push({ store: 'files', place: name, kind, back: false });
      }
      for await (const { workflowId, memo, searchAttributes } of client.workflow.list()) {
        heartbeat(workflowId);
        const text = JSON.stringify([workflowId, memo ?? {}, searchAttributes]);
        for (const kind of kindsIn(text, wanted, digest))
          findings.push({ store: 'temporal', place: 'list', kind, back: false });
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
