/**
 * What workflows do otherwise than they once did, in the order in which it came: append only. A run that began before a change goes on as
 * it did. The first step of tickets and of runs of flows says how many of them there were when it began (see `workflows/changes.ts`).
 */
export const CHANGES = [
  'cooling-off',
  'superseded',
  'steps-answered-by',
  'extension-letter-first',
  'heard-though-cancelled',
  'tell-officers-what-looking-found',
  'kept-data-ends',
  'runs-of-flows-end',
  'slack-messages-go',
  'hold-lines',
  'leave-lines',
  'waits-it-out',
  'path-rests-at-its-end',
  'last-level-anew',
  'own-pages-first',
  'calls-instead-heed-claims',
  'asks-again-till-answered',
  'judged-again-once',
  'late-fact-moves-the-clock',
  'given-on-moves-the-clock',
  'note-is-work',
  'path-follows-priority',
  'item-batches',
  'unsent-to-person',
  'unreached-to-person',
  'hears-early-words',
  'flow-bounded-data',
  'flow-catch-once',
  'flow-null-kept',
  'flow-error-name',
  'flow-token-bare',
  'opens-however-late',
  'turns-wait-longer',
  'asks-on-when-begun-anew',
] as const;

export type ChangeName = (typeof CHANGES)[number];
