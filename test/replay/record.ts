/** Recording one way. README.md beside says when, and how. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { it } from 'vitest';
import { keyNameOf } from '../../src/contract.ts';
import { open, type PayloadKeys, type Place, seal } from '../../src/temporal/codec.ts';
import type { TestSteward } from '../support/steward.ts';
import { HISTORIES, storedHistories } from './histories.ts';
import { KEYS, storedKeys } from './keys.ts';
import { historyText } from './plain.ts';

// CommonJS whose names Node does not find by itself.
const { Payload: Wire } = proto.temporal.api.common.v1;

const PATIENCE = 90_000;

/** `runId`: of that run, not of the last one. */
export type Keep = (steward: TestSteward, workflowId: string, runId?: string) => Promise<void>;

/** Goes a way whose history is not stored, and keeps it. What is stored stays: it may be of code that nobody has any more. */
export function way(name: string, what: string, go: (keep: Keep) => Promise<void>): void {
  const file = `${HISTORIES}${name}.json`;
  const keep: Keep = async (steward, workflowId, runId) => {
    const history = await steward.temporal.client.workflow.getHandle(workflowId, runId).fetchHistory();
    const { ring } = steward.composed;
    const place = { namespace: 'default', workflowId };
    for (const failure of failuresIn(history)) {
      failure.encodedAttributes = await withoutTrace(ring, place, failure.encodedAttributes);
    }
    await writeFile(file, historyText(history));
    const kept = storedHistories().find((stored) => stored.name === name);
    for (const id of new Set(kept?.sealedFor)) await keepKey(ring, id);
  };
  it.skipIf(existsSync(file))(`${name}: ${what}`, () => go(keep), PATIENCE);
}

async function keepKey(ring: PayloadKeys, workflowId: string): Promise<void> {
  const { id, secret } = await ring.toSeal(keyNameOf(workflowId));
  const keys = { ...storedKeys(), [workflowId]: { id, secret: secret.export().toString('base64') } };
  // What was taken away, to be recorded anew, needs its key no more.
  const stored = new Set(storedHistories().flatMap((history) => history.sealedFor));
  const needed = Object.entries(keys).filter(([name]) => stored.has(name));
  await writeFile(KEYS, `${JSON.stringify(Object.fromEntries(needed), null, 2)}\n`);
}

interface EncodedFailure {
  encodedAttributes: Payload;
}

function* failuresIn(value: unknown): Generator<EncodedFailure> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  if ('encodedAttributes' in value && value.encodedAttributes) yield value as EncodedFailure;
  for (const one of Object.values(value)) yield* failuresIn(one);
}

/** The trace of a failure is sealed with its message, and tells where the history was recorded. */
async function withoutTrace(keys: PayloadKeys, place: Place, sealed: Payload): Promise<Payload> {
  const opened = await open(keys, place, sealed);
  const attributes = JSON.parse(Buffer.from(opened?.data ?? []).toString()) as object;
  const data = Buffer.from(JSON.stringify({ ...attributes, stack_trace: '' }));
  return Wire.create(seal(await keys.toSeal(keyNameOf(place.workflowId)), place, { ...opened, data }));
}
