import { CancellationScope, CancelledFailure, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { ItemsArgs, ItemsDone } from '../contract-flow.ts';
import { flowAround } from '../flow/batch.ts';
import { parseFlow } from '../flow/parse.ts';
import type { Passing } from '../flow/passing.ts';
import type { BatchDone } from '../flow/position.ts';
import { resume } from '../flow/run.ts';
import { drawBase } from './activities.ts';
import { beganWith } from './changes.ts';
import { assertReadable, clock, type FlowMemory, failure, live } from './flow.ts';
import { newTokens } from './task-tokens.ts';

/**
 * A batch of the items of a Map that is too large for one history, as that Map would run them: its result is what came of them. Fails with
 * `InvalidRequest` where no workflow has started it. `carried`: what an earlier run of it knew.
 */
export async function runItems(args: ItemsArgs, carried?: FlowMemory): Promise<ItemsDone> {
  // Whoever waits for one of its steps hears that it is over: a request to cancel is taken between steps.
  return CancellationScope.nonCancellable(async () => {
    // What it runs, it is told: nobody may start it who is not one of our own workflows.
    if (!workflowInfo().parent) throw failure('InvalidRequest', 'only the workflow of a flow can start it');
    assertReadable(args, carried);
    const memory = carried ?? (await begin(args));
    // Where it stands is in its memory: it need not be carried twice.
    const { position: _, ...slim } = args;
    const ended = live(memory, () => continueAsNew<typeof runItems>(slim, memory));
    // What it was to tell, it has said that it holds: that goes out whatever comes of its items.
    const done = await ended.then(
      (output) => output as unknown as BatchDone,
      (error: unknown) => {
        if (error instanceof CancelledFailure && memory.held?.length) return null;
        throw error;
      },
    );
    const decisions = memory.batch?.decisions;
    return {
      done,
      ...(decisions ? { decisions } : {}),
      ...(memory.held?.length ? { held: memory.held } : {}),
    };
  });
}

async function begin({ flow, customerId, root, map, position, tellsDecisions }: ItemsArgs): Promise<FlowMemory> {
  if (!position) throw failure('InvalidRequest', 'position: expected where the Map stands');
  const drawn = await drawBase();
  const { changes } = drawn;
  beganWith(changes);
  const tokens = newTokens(drawn);
  const whole = parseFlow(flow.definition, flow.name, { checked: true });
  const passings: Passing[] = [];
  const turn = resume(flowAround(whole, map) ?? whole, position, clock(tokens, passings));
  const batch = { map, root, decisions: tellsDecisions ? [...turn.decisions] : null };
  return { flow, customerId, tokens, refused: 0, turn, passings, batch, changes };
}
