import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WORKFLOW_ID } from '../../src/temporal/codec.ts';

export const HISTORIES = fileURLToPath(new URL('histories/', import.meta.url));

interface Recorded {
  readonly events: readonly [
    {
      readonly workflowExecutionStartedEventAttributes: {
        readonly workflowId: string;
        readonly workflowType: { readonly name: string };
      };
    },
  ];
}
export interface StoredHistory {
  readonly name: string;
  /** The one that its payloads are bound to. */
  readonly workflowId: string;
  readonly workflowType: string;
  readonly history: unknown;
  /** Whose keys its payloads are sealed with: its own, and those of workflows that it has started. */
  readonly sealedFor: readonly string[];
}

/** The ways that tickets have gone, oldest code first told by git: each file is a history as Temporal keeps it. */
export function storedHistories(): StoredHistory[] {
  const files = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));
  const names = files.map((file) => file.replace(/\.json$/, ''));
  return names.sort().map((name) => {
    const text = readFileSync(`${HISTORIES}${name}.json`, 'utf8');
    const history = JSON.parse(text) as Recorded;
    const { workflowId, workflowType } = history.events[0].workflowExecutionStartedEventAttributes;
    return { name, workflowId, workflowType: workflowType.name, history, sealedFor: [workflowId, ...sealedIn(text)] };
  });
}

function sealedIn(text: string): string[] {
  const found = text.matchAll(new RegExp(`"${WORKFLOW_ID}": *"([^"]+)"`, 'g'));
  return [...new Set([...found].map(([, id = '']) => Buffer.from(id, 'base64').toString()))];
}
