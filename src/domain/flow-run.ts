import { mayStay } from './event-key.ts';

const MOST_ID = 200;
const ID = /^[\w.:/-]+$/;

/** Ids of `flow-canary-…` are those of workflows that watch canaries: what lies under one would be under the system key, which no erasure destroys. */
const OF_CANARIES = 'canary-';

/** What is wrong with the id of a run of a flow; undefined: nothing. It stays when the data is gone. */
export function runIdProblem(id: string): string | undefined {
  if (id.startsWith(OF_CANARIES)) {
    return `expected an id that does not begin with "${OF_CANARIES}": these are of the workflows that watch canaries`;
  }
  return labelProblem(id);
}

/** The same of whatever has a part in a workflow's id. */
export function labelProblem(id: string): string | undefined {
  if (!mayStay(id))
    return 'expected an id without an "@", as addresses have it, since it stays when customers are erased';
  if (id.length <= MOST_ID && ID.test(id)) return undefined;
  return `expected letters, digits, ".", "_", ":", "/" and "-", at most ${MOST_ID} characters`;
}

/** Of an id that a flow makes of the customer's own fields. */
export const PERSONAL_NAME =
  'Name: what the customer wrote or is known by is no name of a run, since that stays when the customer is erased';

/** As file and as name: what AWS lets a state machine be called. */
export const FLOW_NAME = /^[\w-]{1,80}$/;

/** The flow's name in what a definition brought from AWS names by an ARN. */
export function flowNameIn(arn: string): string {
  return /:stateMachine:([^:]+)/u.exec(arn)?.[1] ?? arn.slice(arn.lastIndexOf(':') + 1);
}
