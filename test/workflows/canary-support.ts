/** A Steward whose flow gets new versions, watched by canaries. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { pinFlow } from '../../src/compose-flow.ts';
import { createFlowDesk, type FlowDesk } from '../../src/store/flow-desk.ts';
import { startCanaryWaker } from '../../src/temporal/canary-waker.ts';
import { startNoticeWaker } from '../../src/temporal/notice-waker.ts';
import { runOn } from '../cli/support.ts';
import { emptyDirectory } from '../support/files.ts';
import { outcome } from '../support/outcome.ts';
import { envelope, type TestSteward, useSteward } from '../support/steward.ts';

const task = (module: string, more: object) => ({ Type: 'Task', Resource: `module:${module}`, ...more });

/** Every ticket to a person; `before`: states that it passes on the way there, from `Before` to `Person`. */
export function flowTo(before?: Record<string, object>, comment = 'to a person') {
  return {
    Comment: comment,
    StartAt: 'Analyze',
    States: {
      Analyze: task('analyzeTicket', { Next: before ? 'Before' : 'Person' }),
      ...before,
      Person: task('escalateToAgent', { End: true }),
    },
  };
}

/** Asks somebody whom nobody here knows: neither the checker can tell, nor a test that mocks the answer, nor past tickets. */
export const ASKS_NOBODY = {
  Before: task('askPeople', {
    Parameters: { question: 'May it go on?', audience: ['zoe'], form: ['approve', 'refuse'] },
    ResultPath: '$.asked',
    Next: 'Person',
  }),
};

export function flowFile(directory: string, flow: object, tests?: readonly object[]): string {
  const file = join(directory, `${Math.random()}`.slice(2), 'main.asl.json');
  mkdirSync(join(file, '..'));
  writeFileSync(file, JSON.stringify(flow));
  const all = JSON.stringify({ flow: 'main.asl.json', tests });
  if (tests) writeFileSync(file.replace('.asl.json', '.flow-test.yaml'), all);
  return file;
}

export interface CanaryScene {
  readonly steward: TestSteward;
  file(flow: object, tests?: readonly object[]): string;
  /** `steward flow ...args` */
  run(...args: string[]): ReturnType<typeof runOn>;
  desk(): FlowDesk;
  /** Sends so many tickets in; by which versions they go. */
  tickets(count: number): Promise<string[]>;
  /** Sends tickets in until the newest change of the flow is another one than a canary, and answers it. */
  ended(): Promise<Awaited<ReturnType<FlowDesk['history']>>[number]>;
  versionIn(file: string): Promise<string>;
  /** Nobody looks after canaries and notices meanwhile. */
  asleep(meanwhile: () => Promise<void>): Promise<void>;
}

export function useCanaries(settings: () => Readonly<Record<string, string>>): CanaryScene {
  const directory = emptyDirectory();
  const first = flowFile(directory, flowTo());
  const steward = useSteward({ settings: () => ({ STEWARD_FLOW: first, ...settings() }) });
  const stops: (() => Promise<void>)[] = [];
  const begin = () => {
    const { client } = steward.temporal;
    const { taskQueue } = steward;
    const onTrouble = (error: unknown) => console.error(error);
    const { canaries, notices } = steward.composed.deps;
    const common = { client, taskQueue, onTrouble, everyMs: 50 };
    stops.push(startCanaryWaker({ ...common, wanting: canaries.open }).stop);
    stops.push(startNoticeWaker({ ...common, wanting: notices.wanting, lostAttemptMs: 10_000 }).stop);
  };
  const end = () => Promise.all(stops.splice(0).map((stop) => stop()));
  beforeAll(begin);
  afterAll(end);
  const scene: CanaryScene = {
    steward,
    file: (flow, tests) => flowFile(directory, flow, tests),
    run: (...args) =>
      runOn(
        {
          readText: (file) => readFile(file, 'utf8'),
          operator: async () => ({ flows: scene.desk(), flowFile: first }) as never,
        },
        'flow',
        ...args,
      ),
    desk: () => {
      const db = steward.composed.databases.as('steward_operator');
      return createFlowDesk(db, { kind: 'person', id: 'login/test' });
    },
    tickets: (count) =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const event = envelope();
          await steward.steward.submit(event);
          return outcome(async () => {
            const ticket = await steward.read.ticket(event.detail.ticketId);
            expect(ticket).not.toBeNull();
            return String(ticket?.flow.split('@')[1]);
          });
        }),
      ),
    ended: () =>
      outcome(async () => {
        const newest = (await scene.desk().history('main')).at(-1);
        if (newest?.kind === 'canary') await scene.tickets(4);
        expect(newest?.kind).not.toBe('canary');
        return newest as NonNullable<typeof newest>;
      }),
    versionIn: async (file) => (await pinFlow(file)).flow.version,
    async asleep(meanwhile) {
      await end();
      await meanwhile();
      begin();
    },
  };
  return scene;
}
