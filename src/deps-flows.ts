/** Versions of flows, and which of them new tickets take. */
import type { CanaryCounts } from './domain/canary.ts';
import type { CanaryOrder, DeploymentKind } from './domain/deployment.ts';
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

/** A canary by its change of the flow. */
export interface CanaryName {
  readonly name: string;
  readonly number: number;
}

export interface OpenCanary {
  readonly name: string;
  readonly version: string;
  readonly baseVersion: string;
  readonly since: Date;
}

export interface CanaryLook {
  readonly canary: CanaryOrder;
  readonly elapsedMs: number;
  readonly counts: CanaryCounts;
  /** The change that came after it, and so has ended it; null: it is under way. */
  readonly next: { readonly kind: DeploymentKind; readonly by: string } | null;
}

export interface CanaryStore {
  /** Those under way. */
  open(): Promise<readonly CanaryName[]>;
  /** Undefined: there is none. */
  look(canary: CanaryName): Promise<CanaryLook | undefined>;
  /** Ends it, with word of it to the admins; one that has ended stays as it ended. `by`: the workflow. */
  end(
    canary: CanaryName,
    ending: { readonly verdict: 'promote' | 'rollback'; readonly why: string },
    by: string,
  ): Promise<void>;
}
