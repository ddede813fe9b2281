import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Brings the schema up to date; answers the names of what it ran. Of two processes at once the second waits for the first. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    try {
      const done = await runner({
        databaseUrl,
        dir: MIGRATIONS,
        migrationsTable: 'migrations',
        direction: 'up',
        log: () => {},
      });
      return done.map((migration) => migration.name);
    } catch (error) {
      const busy = error instanceof Error && error.message.includes('Another migration is already running');
      if (!busy || tries >= 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
