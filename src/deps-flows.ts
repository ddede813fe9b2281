/** Versions of flows, and which of them new tickets take. */
import type { PinnedFlow } from './domain/plan.ts';

/** A version by its name alone. */
export type FlowName = Pick<PinnedFlow, 'name' | 'version'>;

/**
 * - `file`: none was deployed, and what the file says rules.
 * - `deployed`: the file says what is deployed.
 * - `edited`: it says something else, and what is deployed rules.
 */
export type FlowStanding = 'file' | 'deployed' | 'edited';

export interface FlowStore {
  /** Keeps what a worker has in its file: by it tickets go as long as none is deployed. */
  keep(flow: PinnedFlow): Promise<void>;
  /** What was kept; undefined: it was not. */
  find(flow: FlowName): Promise<PinnedFlow | undefined>;
  /** Does what the file says rule new tickets? */
  standing(file: FlowName): Promise<FlowRule>;
}

export interface FlowRule {
  readonly standing: FlowStanding;
  /** The version by which new tickets go. */
  readonly ruling: string;
}
