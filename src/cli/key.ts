import type { KeyRole } from '../domain/access.ts';
import { StewardError } from '../domain/errors.ts';
import { hashKey, newKey } from '../http/keys.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable, sayTime } from './say.ts';

export interface CreateKeyOptions extends JsonOption {
  readonly role: KeyRole;
}

/** The key is shown here and nowhere again: the database has its hash. */
export async function createKey(context: Context, name: string, options: CreateKeyOptions): Promise<void> {
  const { keys } = await context.operator();
  const key = newKey();
  const id = await keys.add(name, hashKey(key), options.role);
  if (options.json) return sayJson(context, { id, name, role: options.role, key });
  const rows = [
    ['Key', key],
    ['Id', id],
    ['Name', name],
    ['Role', options.role],
  ];
  context.out(`${sayTable(rows)}\n\nShown this once: keep it now. Send it as "Authorization: Bearer KEY".\n`);
}

export async function listKeys(context: Context, options: JsonOption): Promise<void> {
  const { keys } = await context.operator();
  const rows = (await keys.list()).map(({ id, name, role, createdAt, revokedAt }) => ({
    id,
    name,
    role,
    createdAt: createdAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
  }));
  if (options.json) return sayJson(context, rows);
  if (rows.length === 0) return context.out('No API keys. Make one: npx steward key create NAME\n');
  const cells = rows.map((r) => [
    r.id,
    r.name,
    r.role,
    sayTime(r.createdAt),
    r.revokedAt === null ? '' : sayTime(r.revokedAt),
  ]);
  context.out(`${sayTable([['ID', 'NAME', 'ROLE', 'MADE (UTC)', 'REVOKED'], ...cells])}\n`);
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
