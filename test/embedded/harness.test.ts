import { Connection } from '@temporalio/client';
import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { createDatabase } from '../../src/embedded/postgres.ts';
import { dropDatabase, unlistedActions, useDatabase } from '../support/database.ts';

const database = useDatabase();

test('a test file gets a migrated, empty database of its own', async () => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query('SELECT count(*)::int AS tickets FROM tickets');
  await client.end();
  expect(rows).toEqual([{ tickets: 0 }]);
});

test('an entry of the audit log that says what is on no list fails the file that wrote it', async () => {
  const admin = inject('databaseUrl');
  await createDatabase(admin, 'test_unlisted', inject('templateDatabase'));
  const url = new URL(admin);
  url.pathname = 'test_unlisted';
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(`INSERT INTO audit_entries (actor_kind, actor_id, action, object) VALUES ('system', 's', 'key.made', 'key/1'),
    ('system', 's', 'key.lost', 'key/1')`);
  await client.end();
  expect(await unlistedActions(url.href)).toEqual(['key.lost']);
  await dropDatabase(admin, 'test_unlisted');
});

test('a connection that was left open fails the file that left it', async () => {
  const admin = inject('databaseUrl');
  await createDatabase(admin, 'test_leaky', inject('templateDatabase'));
  const url = new URL(admin);
  url.pathname = 'test_leaky';
  const forgotten = new Client({ connectionString: url.href });
  forgotten.on('error', () => {});
  await forgotten.connect();
  await forgotten.query('SELECT 1 AS forgotten');
  await expect(dropDatabase(admin, 'test_leaky')).rejects.toThrow(
    /1 connections to test_leaky .*SELECT 1 AS forgotten/,
  );
});

test('the dev server knows our search attributes', async () => {
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  await connection.close();
  expect(Object.keys(customAttributes ?? {})).toEqual(
    expect.arrayContaining(['TicketState', 'TicketPriority', 'CustomerTier', 'TicketRoute', 'NeedsAttention']),
  );
});
