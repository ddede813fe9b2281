import { sql } from 'kysely';
import type { HelpStore } from '../deps.ts';
import type { Database } from './database.ts';

export interface Article {
  readonly id: string;
  readonly language: string;
  readonly title: string;
  readonly body: string;
}

export function createHelpStore(db: Database): HelpStore & { replaceAll(articles: readonly Article[]): Promise<void> } {
  return {
    search: async () => [],
    async article(id) {
      const row = await db
        .selectFrom('help_articles')
        .select(['id', 'title', 'body'])
        .where('id', '=', id)
        .executeTakeFirst();
      return row ?? null;
    },
    replaceAll: async () => {},
  };
}
