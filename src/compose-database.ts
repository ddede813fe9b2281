/** The first question to a database, where it shows whether DATABASE_URL leads to one that lets us in. */
import { whileBusy } from './busy.ts';
import { StewardError } from './domain/errors.ts';
import type { Secret } from './secret.ts';
import { assertRole, type Database, ping } from './store/database.ts';
import type { DbRole } from './store/grants.ts';
import { migrate, missingMigrations } from './store/migrate.ts';

/** PostgreSQL's own words for "no such role" as a connection starts. */
const NO_ROLE = '22023';
/** PostgreSQL's own words for "no such user or password", and for "no such database". */
const REFUSED = /^28/;
const NO_DATABASE = '3D000';

/**
 * Brings the schema up to date as its owner, or, where logins are kept apart, sees that somebody has. Then the part that is about to
 * start takes on its role.
 * @throws StewardError Unavailable
 */
export async function prepareDatabase(
  databaseUrl: Secret,
  db: Database,
  how: { readonly role: DbRole; readonly migrate: boolean },
): Promise<string[]> {
  await askFirst(databaseUrl, 'See that it runs', () => ping(databaseUrl.reveal()));
  const done = how.migrate ? await whileBusy(() => migrate(databaseUrl.reveal())) : [];
  await askFirst(databaseUrl, 'See that it runs', () => whileBusy(() => assertRole(db, how.role)));
  if (!how.migrate) assertNoneMissing(await whileBusy(() => missingMigrations(db)));
  return done;
}

function assertNoneMissing(missing: readonly string[]): void {
  if (missing.length === 0) return;
  throw new StewardError(
    'Unavailable',
    `The database lacks ${missing.join(', ')}, and STEWARD_MIGRATE=off leaves that to its owner: run \`steward migrate\` with the owner's DATABASE_URL.`,
  );
}

/** @param mend what the person in front of it may do. @throws StewardError Unavailable, with the address and the setting */
export async function askFirst<T>(databaseUrl: Secret, mend: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof StewardError) throw cause;
    throw new StewardError('Unavailable', sayAway(databaseUrl, mend, cause), { cause });
  }
}

function sayAway(databaseUrl: Secret, mend: string, cause: unknown): string {
  const { host, pathname } = new URL(databaseUrl.reveal());
  const where = host === '' ? 'the socket' : host;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (REFUSED.test(code)) {
    return `The PostgreSQL at ${where} does not let us in: check DATABASE_URL, or whether another one listens there.`;
  }
  if (code === NO_DATABASE) {
    return `The PostgreSQL at ${where} has no database ${pathname.slice(1)}: make it, or check DATABASE_URL.`;
  }
  if (code === NO_ROLE) {
    return `The database ${pathname.slice(1)} at ${where} is not made ready for this version: start Steward, or run \`steward migrate\`, as its owner.`;
  }
  // Several addresses may have been tried, which leaves the message empty.
  const said = cause instanceof Error ? cause.message || code : '';
  return `PostgreSQL at ${where} does not answer${said === '' ? '' : ` (${said})`}. ${mend}, or check DATABASE_URL.`;
}
