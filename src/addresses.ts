/** Where a process beside `npm start` finds the two servers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config, Secrets } from './config.ts';
import { StewardError } from './domain/errors.ts';
import { Secret } from './secret.ts';

export interface Addresses {
  /** `host:port` */
  readonly temporalAddress: string;
  readonly databaseUrl: Secret;
}

/** What the settings name, else what `npm start` uses in this state directory. @throws StewardError Unavailable */
export async function findAddresses(config: Config, secrets: Secrets): Promise<Addresses> {
  const { port } = config.database.embedded;
  return {
    temporalAddress: config.temporal.address ?? `127.0.0.1:${config.temporal.embedded.port}`,
    databaseUrl:
      secrets.databaseUrl ?? new Secret(embeddedUrl({ port, password: await embeddedPassword(config.stateDir) })),
  };
}

export const EMBEDDED_USER = 'steward';

/** Where the embedded PostgreSQL is. It speaks no TLS, whatever a PGSSLMODE in the shell wants of others. */
export function embeddedUrl(at: {
  readonly port: number;
  readonly password: string;
  readonly database?: string;
}): string {
  const { port, password, database = 'steward' } = at;
  return `postgres://${EMBEDDED_USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}?sslmode=disable`;
}

/** What signs links: named by a setting, or made by `npm start` in this state directory. @throws StewardError Unavailable */
export async function findLinkSecret(
  config: Config,
  secrets: { readonly linkSecret?: Secret | undefined },
): Promise<Secret> {
  if (secrets.linkSecret !== undefined) return secrets.linkSecret;
  try {
    return new Secret((await readFile(join(config.stateDir, 'link.secret'), 'utf8')).trim());
  } catch (cause) {
    const mend = 'Run `npm start` in another terminal, or set STEWARD_LINK_SECRET to that of the gateway.';
    throw new StewardError('Unavailable', `There is no link secret in ${config.stateDir}. ${mend}`, { cause });
  }
}

async function embeddedPassword(stateDir: string): Promise<string> {
  try {
    return (await readFile(join(stateDir, 'postgres.password'), 'utf8')).trim();
  } catch (cause) {
    throw new StewardError(
      'Unavailable',
      `There is no Steward in ${stateDir} yet. Run \`npm start\` in another terminal, or set DATABASE_URL and TEMPORAL_ADDRESS.`,
      { cause },
    );
  }
}
