import type { Generated } from 'kysely';
import type { DeploymentKind } from '../domain/deployment.ts';
import type { JsonObject } from '../domain/json.ts';

/** The tables of migration 0036. */
export interface FlowSchema {
  flow_versions: {
    name: string;
    version: string;
    definition: JsonObject;
    kept_at: Generated<Date>;
    read_at: Date | null;
  };
  flow_deployments: {
    name: string;
    number: number;
    kind: DeploymentKind;
    version: string;
    base_version: string | null;
    percent: number | null;
    watch_ms: string | null;
    min_tickets: number | null;
    made_by: string;
    why: string | null;
    made_at: Generated<Date>;
  };
}
