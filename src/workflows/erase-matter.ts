import { allHandlersFinished, condition, setCurrentDetails, sleep } from '@temporalio/workflow';
import type { OpenedErasure } from '../activities/erase/request.ts';
import type { ErasureResult, ErasureView } from '../contract.ts';
import type { ErasureOutcome, ErasureState } from '../domain/erase.ts';
import type { Identity } from '../domain/identity.ts';
import { erasing, mailing } from './erase-activities.ts';
import { type Failure, failureOf, retryDelayMs } from './failure.ts';

/** What the parts of an erasure's workflow share. */
export interface Matter {
  readonly requestId: string;
  readonly timings: OpenedErasure['timings'];
  readonly queues: OpenedErasure['queues'];
  /** Epoch ms: when the law wants it done, as extended. */
  dueAt: number;
  proved: boolean;
  /** Who asked for the person or vouched for them: none of them decides. */
  parties: readonly Identity[];
  /** The person's own request goes on in the place of this one, which waits for approval. */
  superseded: boolean;
  /** The person has stopped it. */
  withdrawn: boolean;
  /** Epoch ms: until when they may; undefined before and after. */
  coolingUntil: number | undefined;
  /** What a privacy officer decided. */
  ruling: 'approved' | 'refused' | undefined;
  /** Extensions that are being written down, and their letter while it is under way. */
  extending: number;
  extensionLetter: Promise<void> | undefined;
  readonly view: () => ErasureView;
  readonly parked: ReadonlyMap<string, unknown>;
  readonly state: ErasureState;
  readonly ended: boolean;
  enter(state: ErasureState): Promise<void>;
  /** Sets until when the person may stop it, as people see it. */
  cool(until: number | undefined): void;
  /** Does a step until it works: three retries, then parked until an operator says so, or an hour has gone by. */
  step<T>(name: string, act: () => Promise<T>): Promise<T>;
  answer(step: string, act: 'retry' | 'skip'): void;
  end(outcome: ErasureOutcome): Promise<ErasureResult>;
}

/** What nobody looks at may have come right by itself. */
const TRY_AGAIN_MS = 3_600_000;

type ParkedStep = ErasureView['parked'][number];

export function createMatter(requestId: string, opened: OpenedErasure): Matter {
  let state: ErasureState = 'proving';
  let outcome: ErasureOutcome | null = null;
  const parked = new Map<string, ParkedStep>();
  const answers = new Map<string, 'retry' | 'skip'>();
  /** How often each step got stuck. */
  const stuck = new Map<string, number>();

  const matter: Matter = {
    requestId,
    timings: opened.timings,
    queues: opened.queues,
    dueAt: opened.dueAtMs,
    proved: opened.proved,
    // A history from before has none; there the activity alone knows them.
    parties: opened.parties ?? [],
    superseded: false,
    withdrawn: false,
    coolingUntil: undefined,
    // An officer's word is not asked for twice.
    ruling: opened.ruling,
    extending: 0,
    extensionLetter: undefined,
    parked,
    get state() {
      return state;
    },
    get ended() {
      return outcome !== null;
    },
    view: () => ({
      requestId,
      state,
      outcome,
      dueAt: new Date(matter.dueAt).toISOString(),
      parked: [...parked.values()],
      waitingFor: sayWaiting(matter, parked),
    }),
    async enter(next) {
      if (state === next) return;
      state = next;
      show();
      await matter.step(`state:${next}`, () => erasing().enterState(requestId, next));
    },
    cool(until) {
      matter.coolingUntil = until;
      show();
    },
    async step(name, act) {
      for (let attempt = 1; ; attempt++) {
        try {
          const done = await act();
          if (parked.delete(name)) show();
          answers.delete(name);
          return done;
        } catch (error) {
          const failure = failureOf(error);
          const delay = retryDelayMs(failure, attempt);
          if (delay !== undefined) {
            await sleep(delay, { summary: `${name}: attempt ${attempt + 1} of 4` });
            continue;
          }
          if ((await park(name, failure, attempt)) === 'skip') return undefined as Awaited<ReturnType<typeof act>>;
          attempt = 0;
        }
      }
    },
    answer(step, act) {
      answers.set(step, act);
      parked.delete(step);
      show();
    },
    async end(ending) {
      if (owesExtension(matter)) await extensionTold(matter);
      outcome = ending;
      state = 'ended';
      show();
      await matter.step('end', () => erasing().endErasure(requestId, ending));
      await condition(allHandlersFinished);
      return { requestId, outcome: ending };
    },
  };

  async function park(step: string, failure: Failure, attempts: number): Promise<'retry' | 'skip'> {
    const { error, cause } = failure;
    const known = parked.has(step);
    parked.set(step, { step, error, cause: cause.slice(0, 300), attempts, since: new Date().toISOString() });
    show();
    if (!known) void tellOfficers(step);
    await condition(() => answers.has(step), TRY_AGAIN_MS, { summary: `${step} is parked; tried again then` });
    const answer = answers.get(step);
    answers.delete(step);
    // Tried again by itself it stays parked, as far as people see, until it works.
    if (answer !== undefined) parked.delete(step);
    show();
    return answer ?? 'retry';
  }

  /** Once for each time that a step gets stuck. That this mail fails must not stop the erasure. */
  async function tellOfficers(step: string): Promise<void> {
    const nth = (stuck.get(step) ?? 0) + 1;
    stuck.set(step, nth);
    try {
      await mailing(matter).mailOfficers(requestId, 'parked', step, nth);
    } catch (error) {
      failureOf(error);
    }
  }

  function show(): void {
    setCurrentDetails(sayWaiting(matter, parked));
  }
  return matter;
}

/** The person has still to hear that more time was taken. */
export function owesExtension({ extending, extensionLetter }: Matter): boolean {
  return extending > 0 || extensionLetter !== undefined;
}

/** Nobody can be written to once the request's key has gone, and what became of it is no news before that. */
export async function extensionTold(matter: Matter): Promise<void> {
  await condition(() => !owesExtension(matter));
}

const WAITING: Record<ErasureState, string> = {
  proving: 'the code that was mailed to the address',
  waiting: 'an earlier request for the same person',
  cooling: 'the person, who may stop it',
  deciding: 'the decision by policies/privacy.yaml',
  approving: 'a privacy officer',
  freezing: 'the person’s running tickets to end',
  erasing: 'the stores to be emptied',
  telling: 'those who have to be told',
  shredding: 'the keys and histories to be gone',
  looking: 'the second look',
  ended: 'nothing: it has ended',
};

function sayWaiting(
  { state, coolingUntil }: Pick<Matter, 'state' | 'coolingUntil'>,
  parked: ReadonlyMap<string, ParkedStep>,
): string {
  if (parked.size === 0) {
    const until = coolingUntil === undefined ? '' : ` until ${new Date(coolingUntil).toISOString()}`;
    return `${WAITING[state]}${until}`;
  }
  return `an operator: ${[...parked.values()].map(({ step, error }) => `${step} (${error})`).join(', ')}`;
}
