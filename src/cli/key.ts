import type { KeyRole } from '../domain/access.ts';
import { StewardError } from '../domain/errors.ts';
import { hashKey, newKey } from '../http/keys.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable, sayTime } from './say.ts';

export interface CreateKeyOptions extends JsonOption {
  readonly role: KeyRole;
  /** Whose own it is. */
  readonly agent?: string;
}

/**
 * The key is shown here and nowhere again: the database has its hash.
 * @throws StewardError InvalidRequest: nobody of the team's file is the agent
 */
export async function createKey(context: Context, name: string, options: CreateKeyOptions): Promise<void> {
  const { role, agent = null, json } = options;
  const { keys, isAgent } = await context.operator();
  if (agent !== null && !(await isAgent(agent))) {
    throw new StewardError(
      'InvalidRequest',
      `--agent: "${agent}" is nobody of policies/team.yaml; write an id from there`,
    );
  }
  const key = newKey();
  const id = await keys.add(name, hashKey(key), role, agent);
  if (json) return sayJson(context, { id, name, role, agent, key });
  const rows = [
    ['Key', key],
    ['Id', id],
    ['Name', name],
    ['Role', role],
    ...(agent === null ? [] : [['Acts as', agent]]),
  ];
  context.out(`${sayTable(rows)}\n\nShown this once: keep it now. Send it as "Authorization: Bearer KEY".\n`);
}

export async function listKeys(context: Context, options: JsonOption): Promise<void> {
  const { keys } = await context.operator();
  const rows = (await keys.list()).map(({ id, name, role, agent, createdAt, revokedAt }) => ({
    id,
    name,
    role,
    agent,
    createdAt: createdAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
  }));
  if (options.json) return sayJson(context, rows);
  if (rows.length === 0) return context.out('No API keys. Make one: npx steward key create NAME\n');
  const cells = rows.map((r) => [
    r.id,
    r.name,
    r.role,
    r.agent ?? '',
    sayTime(r.createdAt),
    r.revokedAt === null ? '' : sayTime(r.revokedAt),
  ]);
  context.out(`${sayTable([['ID', 'NAME', 'ROLE', 'ACTS AS', 'MADE (UTC)', 'REVOKED'], ...cells])}\n`);
}

/** @throws StewardError InvalidRequest when no living key has this id. */
export async function revokeKey(context: Context, id: string, options: JsonOption): Promise<void> {
  const { keys } = await context.operator();
  if (!(await keys.revoke(id))) {
    throw new StewardError('InvalidRequest', `no key ${id} that is not revoked already; see \`npx steward key list\``);
  }
  if (options.json) return sayJson(context, { id, revoked: true });
  context.out(`Key ${id} is revoked: whoever has it is turned away from now on.\n`);
}
