import type { JsonObject } from '../domain/json.ts';
import type { SlaRules } from '../domain/sla.ts';
import { insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { type SeedAgent, saveAgents, writeAgents } from './seed.ts';
import { saveSlaRules } from './sla.ts';

/** What of the rules the database has. */
export interface KeptRules {
  readonly team: { readonly agents: readonly SeedAgent[] };
  readonly sla: SlaRules;
  readonly versions: Readonly<Record<string, string>>;
}

export async function saveRules(db: Database, { team, sla }: KeptRules): Promise<void> {
  await saveAgents(db, team.agents);
  await saveSlaRules(db, sla);
}

/** The same for those that come in the place of others while Steward runs, with word of it in the audit log. `changed`: names of versions. */
export async function replaceRules(
  db: Database,
  before: KeptRules,
  after: KeptRules,
  changed: readonly string[],
): Promise<void> {
  const versionsOf = ({ versions }: KeptRules): JsonObject =>
    Object.fromEntries(changed.map((name) => [name, versions[name] ?? null]));
  await db.transaction().execute(async (tx) => {
    await writeAgents(tx, after.team.agents);
    await saveSlaRules(tx, after.sla);
    await insertAudit([
      {
        actor: { kind: 'system', id: 'worker' },
        action: 'policy.replaced',
        object: 'policies',
        before: versionsOf(before),
        after: versionsOf(after),
      },
    ]).execute(tx);
  });
}
