import { randomBytes } from 'node:crypto';
import { flowRunId, flowWorkflowId } from '../contract-flow.ts';
import type { Deps } from '../deps.ts';
import { StewardError, sayProblems } from '../domain/errors.ts';
import { PERSONAL_NAME, runIdProblem } from '../domain/flow-run.ts';
import type { PinnedFlow } from '../domain/plan.ts';
import { parseFlowArgs, whoInFlow } from '../schema/flow-run.ts';

/** What every run of a flow begins with. */
export interface RunBase {
  /** Hex; what its tokens are made with. Nobody outside of the run's history knows it. */
  readonly secret: string;
  /** How many of `CHANGES` the workflow knew when it began; missing in runs from before it said so. */
  readonly changes?: number | undefined;
}

export interface BegunFlow extends RunBase {
  readonly flow: PinnedFlow;
  /** Whose data it is about, where that is a customer whom we know. */
  readonly customerId: string | null;
}

/** Ids of workflows. */
export interface Child {
  readonly parentId: string;
  readonly workflowId: string;
}

export interface BeginFlow {
  readonly args: unknown;
  readonly workflowId: string;
  /** Another flow has started it. */
  readonly isChild?: boolean;
  /** Said by the workflow, of its own code: its worker's activities may be another version's. */
  readonly changes?: number | undefined;
}

/** Their key is one: an erasure of either would take the other's run, or leave it. */
const ANOTHERS = 'there was a run for somebody else under it; each customer needs ids of their own';

function drawBase(changes: number | undefined): RunBase {
  return { secret: randomBytes(32).toString('hex'), changes };
}

export function flowRunActivities(deps: Pick<Deps, 'tickets' | 'plans' | 'flows'>) {
  /** What was deployed goes before what the file says, as with tickets; a canary is of tickets alone. */
  async function ruling(file: PinnedFlow): Promise<PinnedFlow> {
    const rule = await deps.flows.standing(file);
    if (rule.standing !== 'edited') return file;
    return (await deps.flows.find({ name: file.name, version: rule.ruling })) ?? file;
  }

  return {
    /**
     * The first step of a run, whoever started it: judges what it was started with, and pins the flow. `frozen`: its customer is being
     * erased, and nothing begins for them until that is over.
     * @throws InvalidRequest, InvalidFlow
     */
    async beginFlow({ args, workflowId, isChild = false, changes }: BeginFlow): Promise<BegunFlow | 'frozen'> {
      const id = flowRunId(workflowId);
      const wrong = id === undefined ? `expected one that begins with "${flowWorkflowId('')}"` : runIdProblem(id);
      const problems = wrong === undefined ? [] : [{ field: 'workflow id', message: wrong }];
      const parsed = parseFlowArgs(args);
      // Its key dies with them, and its history goes, when they are erased: also that of a run that is refused.
      const isRefused = 'problems' in parsed || problems.length > 0;
      const named = await deps.tickets.nameSubject(workflowId, whoInFlow(args), {
        waitsForErasure: !isRefused,
        isChild,
      });
      const { customerId: subject, isAnothers, isFrozen } = named;
      if ('problems' in parsed) problems.push(...parsed.problems);
      if (isAnothers) problems.push({ field: 'workflow id', message: ANOTHERS });
      if ('problems' in parsed || problems.length > 0) {
        throw new StewardError('InvalidRequest', sayProblems(problems), { problems });
      }
      if (isFrozen) return 'frozen';
      const { flow: name } = parsed.args;
      const flow = await deps.plans.find(name, ruling);
      return { flow, ...drawBase(changes), customerId: subject };
    },

    /** A batch's key is its Map's customer's before it begins: an erasure may come in between. */
    async nameItems({ parentId, workflowId }: Child): Promise<void> {
      await deps.tickets.nameChild(parentId, workflowId);
    },

    /** What a ticket's flow, or a batch of items, begins with; runs from before they said what they know have the secret alone. */
    async drawSecret(changes?: number): Promise<string | RunBase> {
      return drawBase(changes);
    },

    /**
     * Is there such a flow, can it run without a ticket, and may its run have the id that was chosen? @throws InvalidRequest, InvalidFlow
     * The run's key is its parent's customer's from then on: it may begin when that one has another name already.
     * @param isNamePersonal judged here, since what a replay of a workflow would judge anew has been done long ago
     */
    async findFlow(name: string, isNamePersonal = false, child?: Child): Promise<void> {
      await deps.plans.find(name, ruling);
      if (isNamePersonal) throw new StewardError('InvalidRequest', PERSONAL_NAME);
      if (child === undefined || (await deps.tickets.nameChild(child.parentId, child.workflowId))) return;
      throw new StewardError('InvalidRequest', `Name: ${ANOTHERS}`);
    },
  };
}
