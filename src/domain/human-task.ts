/**
 * Work that waits for a person, whatever it is about: who may decide it, what they may say, how many of them have to, and what becomes of it
 * when nobody does. The first valid decision wins; pure, and plain JSON, so that it goes on with a workflow from run to run.
 */
export interface HumanTask {
  readonly id: string;
  /** Ids of those who may decide; null: whoever is of the team. */
  readonly audience: readonly string[] | null;
  /** What may be said. */
  readonly form: readonly string[];
  /** How many have to say the same; a second pair of eyes makes it two. */
  readonly quorum: number;
  /** Who may not, though they are of the audience: it is their own request. */
  readonly barred: readonly string[];
  /** Epoch ms; null: it waits without end. */
  readonly dueAt: number | null;
  /** What is taken for said when nobody has decided by then; null: nothing, it only ends. */
  readonly otherwise: string | null;
  /** Who decides in whose place. */
  readonly delegates: Readonly<Record<string, string>>;
  readonly said: readonly Decision[];
  readonly outcome: Outcome | null;
}

export interface Decision {
  readonly by: string;
  readonly act: string;
  /** Epoch ms. */
  readonly at: number;
}
/** `by`: whose word made it so; nobody's where time ran out. */
export interface Outcome {
  readonly act: string | null;
  readonly by: readonly string[];
  readonly at: number;
}

/**
 * Is who decides shown by the way it came, such as no other of us has: their account in Slack, the link in their mail, an API key of their
 * own? A key or login that speaks for many is only believed.
 */
export function isShown(via: string): boolean {
  return via === 'slack' || via === 'link' || via.startsWith(OWN_KEY);
}
const OWN_KEY = 'ownKey/';
export function ownKeyVia(keyId: string): string {
  return `${OWN_KEY}${keyId}`;
}

/** It is not one person's to decide, whoever that is: whoever is only believed could be all of them. */
export function takesSeveral({ quorum, barred }: Pick<HumanTask, 'quorum' | 'barred'>): boolean {
  return quorum > 1 || barred.length > 0;
}

/**
 * Why a decision does not count. `late`: it is decided, or its time is over; `stranger`: not of the audience; `own`: barred; `twice`: this
 * person has spoken; `unknown`: nothing that may be said; `self`: it is theirs to decide already, and needs no passing on. `asked`: whom it is to
 * go to has a voice of their own, and would lose it; `given`: somebody else decides in their place already. `unshown`: it takes several people, and
 * nothing shows that this is one of them.
 */
export type Refused = 'late' | 'stranger' | 'own' | 'twice' | 'unknown' | 'self' | 'unshown' | VoiceLost;
/** One place would have been two people's, or two places one's. */
export type VoiceLost = 'asked' | 'given';
export function isVoiceLost(refused: Refused): refused is VoiceLost {
  return refused === 'asked' || refused === 'given';
}

export type Asked = Pick<HumanTask, 'id' | 'form'> & Partial<Omit<HumanTask, 'said' | 'outcome'>>;

export function askPeople(asked: Asked): HumanTask {
  return {
    audience: null,
    quorum: 1,
    barred: [],
    dueAt: null,
    otherwise: null,
    delegates: {},
    ...asked,
    said: [],
    outcome: null,
  };
}

/** Null: the decision counts. `isKnown`: who says it is shown, and not only said. */
export function refusalOf(task: HumanTask, { by, act, at }: Decision, isKnown = true): Refused | null {
  if (task.outcome !== null || isOverdue(task, at)) return 'late';
  const whose = principalOf(task, by);
  if (!isOf(task, by) && !isOf(task, whose)) return 'stranger';
  // Neither by themselves nor by somebody who speaks in their place.
  if (task.barred.includes(by) || task.barred.includes(whose)) return 'own';
  if (!task.form.includes(act)) return 'unknown';
  if (!isKnown && takesSeveral(task)) return 'unshown';
  // One voice for each place in the audience, and one for each person.
  return task.said.some((one) => one.by === by || principalOf(task, one.by) === whose) ? 'twice' : null;
}

/** The task after a decision; as it was where that does not count. */
export function decide(task: HumanTask, decision: Decision): HumanTask {
  if (refusalOf(task, decision) !== null) return task;
  const said = [...task.said, decision];
  const alike = said.filter(({ act }) => act === decision.act);
  if (alike.length < task.quorum) return { ...task, said };
  return { ...task, said, outcome: { act: decision.act, by: alike.map(({ by }) => by), at: decision.at } };
}

/** The task at a time: ended where that has run out. */
export function timedOut(task: HumanTask, now: number): HumanTask {
  if (task.outcome !== null || !isOverdue(task, now)) return task;
  return { ...task, outcome: { act: task.otherwise, by: [], at: task.dueAt ?? now } };
}

/**
 * Null: `by` may let `to` decide in their place. Nobody gives on what was given to them, nor the right to judge their own request; nor is it
 * given to whose request it is, to who decides in another's place or is asked already, to a second one, or when one has spoken: as many voices
 * as were asked stay, so that a quorum that could be reached still can.
 */
export function refusalToDelegate(task: HumanTask, by: string, to: string, at: number, isKnown = true): Refused | null {
  if (task.outcome !== null || isOverdue(task, at)) return 'late';
  if (!isOf(task, by)) return 'stranger';
  if ([by, to].some((one) => task.barred.includes(one))) return 'own';
  if (by === to) return 'self';
  if (!isKnown && takesSeveral(task)) return 'unshown';
  const hasSpoken = task.said.some((one) => principalOf(task, one.by) === by || one.by === to);
  if (hasSpoken || (Object.hasOwn(task.delegates, to) && task.delegates[to] !== by)) return 'twice';
  if (isOf(task, to)) return 'asked';
  return Object.entries(task.delegates).some(([other, whose]) => whose === by && other !== to) ? 'given' : null;
}

/** `by` lets `to` decide in their place; the task as it was where they may not. */
export function delegate(task: HumanTask, by: string, to: string, at: number): HumanTask {
  return refusalToDelegate(task, by, to, at) === null ? givePlace(task, by, to) : task;
}

/** The same, where somebody else has judged whether they may. */
export function givePlace(task: HumanTask, by: string, to: string): HumanTask {
  return { ...task, delegates: { ...task.delegates, [to]: by } };
}

function isOf({ audience }: HumanTask, id: string): boolean {
  return audience === null || audience.includes(id);
}

function principalOf({ delegates }: HumanTask, id: string): string {
  return Object.hasOwn(delegates, id) ? (delegates[id] ?? id) : id;
}

function isOverdue({ dueAt }: HumanTask, now: number): boolean {
  return dueAt !== null && now >= dueAt;
}
