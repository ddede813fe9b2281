import type { JsonObject } from '../domain/json.ts';
import type { Change, Effect, FlowEvent, ItemsEffect, LineEffect, Turn } from '../flow/position.ts';
import { type Clock, proceed } from '../flow/run.ts';
import type { Flow } from '../flow/types.ts';
import { own } from './activities.ts';
import { isSince } from './changes.ts';
import { createLines, type LineOutcome, stepName } from './flow-lines.ts';
import { now } from './rest.ts';

/** `overtaken`: what the flow runs for was over before its effect came to anything. */
export type Outcome = FlowEvent | 'overtaken';

/** `again`: what the flow waits for is to be looked at again, perhaps by a new run. */
export type Called = Outcome | 'again';

export type TaskEffect = Extract<Effect, { kind: 'task' }>;
export type WaitEffect = Extract<Effect, { kind: 'wait' }>;
export type FailedEffect = Extract<Effect, { kind: 'failed' }>;

/** Whom a flow runs for: a ticket, or nobody but itself. It keeps where the flow stands, and does what its states ask for. */
export interface Host {
  readonly flow: Flow;
  readonly clock: () => Clock;
  turn(): Turn;
  take(turn: Turn): void;
  /** Nothing that the flow could do is wanted any more. */
  isOver(): boolean;
  /** A new run is to go on soon: within lines nothing more is begun. */
  isHeld?(): boolean;
  /** Before what the flow waits for next is begun; where something was done, all is looked at anew. */
  between?(underWay: number): Promise<void> | undefined;
  /** `isAwaited`: false once no line waits for it any more; `until`: epoch ms when the flow's own time is over. */
  call(
    effect: TaskEffect,
    more: { readonly isAwaited: () => boolean; readonly until: number | undefined; readonly underWay: () => number },
  ): Called | Promise<Called>;
  /** A batch of items. `isAwaited`: as above. */
  items(effect: ItemsEffect, isAwaited: () => boolean): Promise<Outcome>;
  /**
   * Of the flow itself. False: something else has come before its time, and the flow stands where it stood: then `between` has to act, or
   * it would wait and be woken without end. `underWay`: steps of lines that were left, and have not ended.
   */
  wait(effect: WaitEffect, until: number | undefined, underWay: () => number): Promise<boolean>;
  /** Of a line. */
  waitInLine(effect: WaitEffect, isAwaited: () => boolean): Promise<LineOutcome>;
  /** Something failed that the flow did not catch. */
  failed(effect: FailedEffect): Promise<Outcome>;
  /** A state was left some of whose lines are under way: does nobody wait for these? */
  leavesLines(): boolean;
  /** A step came to its end when nobody waited for it any more. */
  abandoned(effect: LineEffect): Promise<void>;
  /** What came of a step was taken in. */
  passed?(step: string, event: FlowEvent): Promise<void> | undefined;
}

/** For the interpreter's clock. A run whose history has no mark of the change, and is replayed, began before it. */
export function isBefore(change: Change): boolean {
  return !isSince(`flow-${change}`);
}

/** Runs a flow from where it is to its end, or until its host is over. */
export async function driveFlow(host: Host): Promise<void> {
  const { flow, clock } = host;
  const lines = createLines(
    (effect, isAwaited) => ofLine(host, effect, isAwaited),
    (effect) => host.abandoned(effect),
    () => host.isHeld?.() ?? false,
  );
  while (!host.isOver()) {
    const between = host.between?.(lines.underWay());
    if (between) {
      await between;
      continue;
    }
    const { effect, position } = host.turn();
    if (effect.kind !== 'lines' && lines.isAwaited() && host.leavesLines()) lines.leave();
    if (effect.kind === 'succeeded') break;
    const { until } = position.execution;
    if (effect.kind === 'wait' && !(await host.wait(effect, until, lines.underWay))) continue;
    const came =
      effect.kind === 'lines'
        ? await lines.next(effect.effects, until)
        : await outcome(host, effect, until, lines.underWay);
    if (came === 'again') continue;
    const event = came === undefined || isLate(came, effect, until) ? ({ kind: 'timedOut' } as const) : came;
    if (event === 'overtaken') break;
    host.take(proceed(flow, position, event, clock()));
    const passed = host.passed?.(stepOf(effect, event), event);
    if (passed) await passed;
  }
}

function outcome(
  host: Host,
  effect: Effect,
  until: number | undefined,
  underWay: () => number,
): Called | Promise<Called> {
  if (effect.kind === 'task') return host.call(effect, { isAwaited: () => true, until, underWay });
  if (effect.kind === 'failed') return host.failed(effect);
  return effect.kind === 'evaluate' ? evaluate(effect) : { kind: 'elapsed' };
}

async function ofLine(host: Host, effect: LineEffect, isAwaited: () => boolean): Promise<LineOutcome> {
  if (effect.kind === 'task') return host.call(effect, { isAwaited, until: undefined, underWay: () => 0 });
  if (effect.kind === 'items') return host.items(effect, isAwaited);
  return effect.kind === 'evaluate' ? evaluate(effect) : host.waitInLine(effect, isAwaited);
}

async function evaluate({ evaluation }: Extract<Effect, { kind: 'evaluate' }>): Promise<FlowEvent> {
  const answer = await own.evaluateFlow(evaluation);
  return 'error' in answer ? { kind: 'error', ...answer } : { kind: 'evaluated', answer };
}

/** The flow's own time: what comes later than it is not heard any more. What an operator says is. */
function isLate(came: Outcome, effect: Effect, until: number | undefined): boolean {
  if (until === undefined || now() < until || effect.kind === 'failed') return false;
  return came !== 'overtaken';
}

/** The step that the event tells of: of several lines, its line's. */
function stepOf(effect: Effect, { line }: FlowEvent): string {
  if (effect.kind === 'succeeded') return stepName({});
  const lines = effect.kind === 'lines' ? effect.effects : [];
  return stepName(lines.find((one) => one.line?.join() === line?.join()) ?? effect);
}

const WAIT_SUMMARY: Record<WaitEffect['why'], (effect: WaitEffect) => string> = {
  wait: (effect) => `${effect.state}: waiting as the flow says`,
  retry: (effect) => `${effect.state}: before attempt ${effect.attempt ?? '?'} (${effect.error ?? 'failed'})`,
  yield: () => 'letting others run',
};

export function sayWait(effect: WaitEffect): string {
  return WAIT_SUMMARY[effect.why](effect);
}

/** Every Choice of the turn, as a record has it. */
export function decisionsOf({ decisions }: Turn): JsonObject[] {
  return decisions.map((decision) => {
    return { ...decision, rejected: decision.rejected.map((r) => ({ ...r })) } as unknown as JsonObject;
  });
}
