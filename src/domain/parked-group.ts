/** Parked steps by what failed: many tickets that one outage has parked are one matter for whoever has to act. */

export interface ParkedFailure {
  readonly step: string;
  readonly error: string;
  readonly cause: string;
}

export interface ParkedGroup {
  /** Names the group: 16 hex digits, the same for the same failure whenever and wherever it is made. */
  readonly fingerprint: string;
  /** Of the flow (`EscalateToAgent`), or what a message beside it is about. */
  readonly state: string;
  readonly error: string;
  /** Without what differs from ticket to ticket. */
  readonly cause: string;
  readonly count: number;
  /** ISO 8601: when the first and the last of those that are parked now were. */
  readonly first: string;
  readonly last: string;
  /** The one parked first. */
  readonly example: { readonly ticketId: string; readonly step: string };
}

export interface ParkedStepLine extends ParkedFailure {
  readonly ticketId: string;
  /** ISO 8601. */
  readonly since: string;
}

export function parkedFingerprint({ step, error, cause }: ParkedFailure): string {
  return fnv1a64(JSON.stringify([stateOf(step), error, causeOf(cause)]));
}

/** The largest group first; of two as large, the one that waits longer. */
export function groupParked(steps: readonly ParkedStepLine[]): ParkedGroup[] {
  const groups = new Map<string, ParkedGroup>();
  for (const { ticketId, step, since, error, cause } of steps) {
    const fingerprint = parkedFingerprint({ step, error, cause });
    const group = groups.get(fingerprint);
    const isFirst = group === undefined || since < group.first;
    groups.set(fingerprint, {
      fingerprint,
      state: stateOf(step),
      error,
      cause: causeOf(cause),
      count: (group?.count ?? 0) + 1,
      first: isFirst ? since : group.first,
      last: group === undefined || since > group.last ? since : group.last,
      example: isFirst ? { ticketId, step } : group.example,
    });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || compare(a.first, b.first));
}

/** `EscalateToAgent#3` is its third entry, `agentReplied:evt-1` one reply of many: what is before it failed. */
function stateOf(step: string): string {
  return /^[^#:]+/.exec(step)?.[0] ?? step;
}

/** A status says what to do (401 is the token's, 500 the provider's), and so stays. */
const STATUS = /^HTTP \d{3}\b/;
/** A status; else a word with a digit in it, up to the marks around it: an id, a number, a time, an address. */
const DIFFERING = /\bHTTP \d{3}\b|[\p{L}\p{N}_.:@#+/-]*\p{N}[\p{L}\p{N}_.:@#+/-]*/gu;

function causeOf(cause: string): string {
  return cause
    .replace(DIFFERING, (found) => {
      if (STATUS.test(found)) return found;
      // The full stop or colon after it is the sentence's.
      return `*${/[.:]+$/.exec(found)?.[0] ?? ''}`;
    })
    .replace(/\s+/gu, ' ')
    .trim();
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** FNV-1a over the UTF-16 units: no secret, no safety, only the same name for the same words, without Node's own hashes. */
function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    hash = ((hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return hash.toString(16).padStart(16, '0');
}
