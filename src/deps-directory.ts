import type { Demand } from './domain/assign.ts';
import type { Storm } from './domain/delivery.ts';
import type { WorkingHours } from './domain/hours.ts';
import type { JsonObject } from './domain/json.ts';

/** Addresses of the team, from `policies/team.yaml`. */
export interface Directory {
  agent(id: string):
    | {
        readonly name: string;
        readonly email: string | null;
        readonly slack: string | null;
        /** When what is not urgent waits. */
        readonly quiet?: WorkingHours | undefined;
      }
    | undefined;
  /** Somebody outside whom flows may tell something. */
  contact(
    id: string,
  ): { readonly name: string; readonly email: string | null; readonly slack: string | null } | undefined;
  readonly admins: readonly string[];
  /** How many messages of one kind are too many for one person. */
  readonly storm: Storm;
  /** What a ticket of these facts asks of who takes it. */
  demandOf(facts: JsonObject): Demand;
}
