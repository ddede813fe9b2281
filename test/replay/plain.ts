/** A history as a file that a worker replays. */
import type proto from '@temporalio/proto';

export function historyText({ events }: proto.temporal.api.history.v1.IHistory): string {
  return `{"events":[\n${(events ?? []).map((event) => JSON.stringify(plain(event))).join(',\n')}\n]}\n`;
}

/** Replay needs none of it, and it tells where the history was recorded. */
const PLACES = new Set(['stackTrace', 'identity', 'hostname', 'binaryChecksum', 'buildId']);

/**
 * As the replaying worker takes it: numbers for 64-bit integers and enums, Base64 for bytes. The SDK's own JSON needs one copy of
 * protobufjs in the whole tree, which is npm's to grant.
 */
function plain(value: unknown): unknown {
  // A worker's own queue bears its process id and the name of its machine.
  if (typeof value === 'string') return value.replace(/^\d+@.*-[0-9a-f]{32}$/, 'a-worker');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if ('low' in value && 'high' in value && 'toNumber' in value) return Number(value.toString());
  const kept = Object.entries(value).filter(([key, one]) => !PLACES.has(key) && one !== null && !isEmptyList(one));
  return Object.fromEntries(kept.map(([key, one]) => [key, plain(one)]));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
