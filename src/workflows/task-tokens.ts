/** Tasks that wait for whoever has their token, in a ticket as in a run of a flow. */
import { currentUpdateInfo, setHandler, workflowInfo } from '@temporalio/workflow';
import type { RunBase } from '../activities/flow-run.ts';
import * as contract from '../contract-flow.ts';
import { StewardError, sayProblems } from '../domain/errors.ts';
import { checkTaskAnswer, type TaskFailed, type TaskSayings, type TaskSucceeded } from '../domain/flow-task.ts';
import type { Json } from '../domain/json.ts';
import { HEARTBEAT_TIMEOUT, TASK_FAILED, TIMEOUT } from '../flow/failure.ts';
import type { FlowEvent } from '../flow/position.ts';
import { isMadeBy, makeToken, readToken } from '../flow/token.ts';
import { timeLeft } from './child-flow.ts';
import type { Called, TaskEffect } from './drive-flow.ts';
import { stepName } from './flow-lines.ts';
import { condition, now } from './rest.ts';
import { toUpdateFailure } from './update-failure.ts';

type Answer =
  | { readonly kind: 'result'; readonly output: Json }
  | { readonly kind: 'error'; readonly error: string; readonly cause: string };

interface Waiting {
  readonly step: string;
  /** Epoch ms. */
  readonly since: number;
  beatAt: number | null;
  /** Whoever is to have it was given it. */
  isHandedOn: boolean;
  answer?: Answer;
}

/** Plain JSON, so that a new run takes it up. */
export interface Tokens {
  /** Hex. */
  readonly secret: string;
  /** By token. */
  readonly waiting: Record<string, Waiting>;
  /** How many were made; missing in runs from before they were counted. */
  made?: number;
  /** By token: the last updates that answered one, by their ids; missing in runs from before that was kept. */
  answered?: Record<string, string>;
}

/** Runs count their tokens since they say what they know. */
export function newTokens({ secret, changes }: RunBase): Tokens {
  return { secret, waiting: {}, ...(changes === undefined ? {} : { made: 0 }) };
}

/**
 * An operator, the Retry of a Parallel and a reopened ticket come to the same place again: what tells their tokens apart is a count. By the time
 * it would not do: a replay's clock may differ from what it was at first, and the token that was given out would be good no more.
 */
export function tokenMaker(tokens: Pick<Tokens, 'secret' | 'made'>): (place: string, at: number) => string {
  return (place, at) => {
    if (tokens.made !== undefined) tokens.made += 1;
    return makeToken(tokens.secret, workflowInfo().workflowId, `${place}@${tokens.made ?? at}`);
  };
}

/** Registers what one may say by a token. `refused`: of a signal, which can't be answered. */
export function hearTokens(tokens: () => Tokens | undefined, refused: (saying: string, why: string) => void): void {
  setHandler(contract.flowTasks, () => {
    return Object.entries(tokens()?.waiting ?? {})
      .filter(([, { answer }]) => answer === undefined)
      .map(([token, { step, since, beatAt }]) => ({
        step,
        token,
        since: iso(since),
        beatAt: beatAt === null ? null : iso(beatAt),
      }));
  });
  const answer = {
    completeTask: (waiting: Waiting, { output = {} }: TaskSucceeded) => {
      waiting.answer = { kind: 'result', output };
    },
    failTask: (waiting: Waiting, { error = TASK_FAILED, cause = '' }: TaskFailed) => {
      waiting.answer = { kind: 'error', error, cause };
    },
    heartbeatTask: (waiting: Waiting) => {
      waiting.beatAt = Date.now();
    },
  };
  function on<K extends keyof TaskSayings>(name: K) {
    const hear = (said: TaskSayings[K]) => {
      if (isRepeated(tokens(), said)) return;
      answer[name](waitingFor(tokens(), name, said), said as never);
      if (name !== 'heartbeatTask') remember(tokens(), said.token);
    };
    const asUpdate = (act: () => void) => {
      try {
        act();
      } catch (error) {
        throw toUpdateFailure(error);
      }
    };
    setHandler(
      UPDATES[name] as typeof contract.completeTask,
      async (said) => {
        // Judged once more: two may have come with the same task of the workflow.
        asUpdate(() => hear(said as TaskSayings[K]));
        return null;
      },
      {
        validator: (said) => {
          if (!isRepeated(tokens(), said)) asUpdate(() => void waitingFor(tokens(), name, said));
        },
      },
    );
    setHandler(SIGNALS[name] as typeof contract.taskCompleted, (said) => {
      try {
        hear(said as TaskSayings[K]);
      } catch (error) {
        if (!(error instanceof StewardError)) throw error;
        refused(name, error.message);
      }
    });
  }
  on('completeTask');
  on('failTask');
  on('heartbeatTask');
}

const UPDATES = {
  completeTask: contract.completeTask,
  failTask: contract.failTask,
  heartbeatTask: contract.heartbeatTask,
} as const;

const SIGNALS = {
  completeTask: contract.taskCompleted,
  failTask: contract.taskFailed,
  heartbeatTask: contract.taskAlive,
} as const;

/** Enough for who says it again at once. */
const MOST_ANSWERED = 20;

function remember(tokens: Tokens | undefined, token: string): void {
  const id = currentUpdateInfo()?.id;
  if (!tokens || id === undefined) return;
  const last = Object.entries(tokens.answered ?? {}).slice(1 - MOST_ANSWERED);
  tokens.answered = { ...Object.fromEntries(last), [token]: id };
}

/**
 * The very update that has answered it, delivered once more: by Temporal when the task of the workflow in which it counted was lost, or by who
 * said it when that task was a run's last.
 */
function isRepeated(tokens: Tokens | undefined, said: unknown): boolean {
  const id = currentUpdateInfo()?.id;
  const token = typeof said === 'object' && said !== null && 'token' in said ? said.token : undefined;
  return id !== undefined && typeof token === 'string' && tokens?.answered?.[token] === id;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** @throws StewardError InvalidRequest, InvalidToken, TaskOver */
function waitingFor(tokens: Tokens | undefined, name: keyof TaskSayings, said: unknown): Waiting {
  const problems = checkTaskAnswer(name, said);
  if (problems.length > 0) throw new StewardError('InvalidRequest', sayProblems(problems), { problems });
  const { token } = said as { readonly token: string };
  const parts = readToken(token);
  const isOurs = parts?.workflowId === workflowInfo().workflowId && tokens && isMadeBy(tokens.secret, parts);
  if (!isOurs) throw new StewardError('InvalidToken', 'token: nobody here has given it out');
  const waiting = tokens.waiting[token];
  if (waiting === undefined) {
    throw new StewardError(
      'TaskOver',
      'the Task is over: it was answered, its time was up, or the flow went on without it',
    );
  }
  if (waiting.answer !== undefined) throw new StewardError('TaskOver', 'the Task was answered already');
  return waiting;
}

export interface TokenHost {
  readonly tokens: Tokens;
  readonly isOver: () => boolean;
  /** Epoch ms when the flow's own time is over. */
  readonly until: number | undefined;
  /** A new run is to go on with it. */
  readonly isToGoOn: () => boolean;
  /** Nothing is in flight while it waits. */
  readonly rests?: (rests: boolean) => void;
}

/**
 * Gives the token to whoever is to have it, and waits for the answer. Whoever has it may answer before the giving has ended.
 * `again`: a new run is to wait for it.
 */
export async function awaitToken(
  effect: TaskEffect & { readonly token: string },
  host: TokenHost,
  handOn: () => Promise<Called>,
): Promise<Called> {
  const { token } = effect;
  const { waiting } = host.tokens;
  const own = waiting[token] ?? { step: stepName(effect), since: now(), beatAt: null, isHandedOn: false };
  waiting[token] = own;
  if (!own.isHandedOn) {
    const given = await handOn();
    if (given === 'again') return given;
    if (given === 'overtaken' || given.kind !== 'result') {
      delete waiting[token];
      return given;
    }
    own.isHandedOn = true;
  }
  host.rests?.(true);
  const came = await answerTo(effect, own, host);
  host.rests?.(false);
  if (came !== 'again') delete waiting[token];
  return came;
}

async function answerTo(effect: TaskEffect, own: Waiting, host: TokenHost): Promise<Called> {
  const { since } = own;
  for (;;) {
    if (own.answer) return own.answer;
    if (host.isOver()) return 'overtaken';
    const { beatAt } = own;
    const beatLeft = timeLeft(effect.heartbeatSeconds, beatAt ?? since, undefined);
    const left = timeLeft(effect.timeoutSeconds, since, host.until);
    const first = Math.min(left ?? Number.POSITIVE_INFINITY, beatLeft ?? Number.POSITIVE_INFINITY);
    const changed = () => own.answer !== undefined || own.beatAt !== beatAt || host.isOver() || host.isToGoOn();
    const isChanged = await (Number.isFinite(first)
      ? condition(changed, first, { summary: `${effect.state}: until its time is over` })
      : condition(changed).then(() => true));
    if (!isChanged) return timedOut(beatLeft !== undefined && first === beatLeft && first !== left);
    if (own.answer === undefined && !host.isOver() && host.isToGoOn()) return 'again';
  }
}

function timedOut(isByHeartbeat: boolean): FlowEvent {
  return { kind: 'error', error: isByHeartbeat ? HEARTBEAT_TIMEOUT : TIMEOUT, cause: '' };
}
