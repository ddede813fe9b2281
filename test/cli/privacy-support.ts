/** The commands of the privacy officer on a real database. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Steward } from '../../src/cli/context.ts';
import { composePrivacy } from '../../src/compose-privacy.ts';
import { StewardError } from '../../src/domain/errors.ts';
import type { Secret } from '../../src/secret.ts';
import { createMonthlyAuditReader } from '../../src/store/monthly-audits.ts';
import { newId, newTicket, useStores } from '../store/support.ts';
import { LINK_SECRET } from '../support/link-secret.ts';
import { noFlows, noIncidents, noWebhooks, runOn } from './support.ts';

export const NOW = '2026-11-25T12:00:00.000Z';

export function usePrivacyCommands() {
  const stores = useStores();
  let dir: string;
  let policyFile: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'privacy-'));
    policyFile = join(dir, 'privacy.yaml');
    const ours = await readFile('policies/privacy.yaml', 'utf8');
    await writeFile(policyFile, ours.replace('purposes: {}', 'purposes: { news: News by mail }'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  const said: unknown[] = [];
  const temporal = { away: false };
  /** The officer's API key, where one is shown. */
  const shown: { key?: Secret } = {};
  function steward(...args: string[]) {
    const unused = () => Promise.reject(new Error('not asked for'));
    const parts: Parameters<typeof runOn>[0] = {
      now: () => Date.parse(NOW),
      steward: async () => {
        if (temporal.away) throw new StewardError('Unavailable', 'Temporal does not answer');
        const retain = async () => {
          said.push('started');
          return { workflowId: 'retention-asked', runId: '1' };
        };
        return { retain } as unknown as Steward;
      },
      operator: async () => ({
        read: stores.read,
        keys: { add: unused, list: unused, live: unused, revoke: unused },
        parkedBatches: { order: unused, logCancel: unused, logCancelAnswer: unused, list: unused, report: unused },
        presence: { set: unused },
        webhooks: noWebhooks,
        incidents: noIncidents,
        flows: noFlows,
        flowAnswers: (flows) => (saying, said) => flows.answer(saying, said),
        flowFile: 'flows/support-escalation.asl.json',
        mails: { list: unused },
        isAgent: async () => false,
        tasks: unused,
        privacy: composePrivacy({
          db: stores.officer,
          policyFile,
          by: { kind: 'person', id: 'login/test' },
          officerKey: shown.key,
          linkSecret: async () => LINK_SECRET,
        }),
        links: { webUi: (id) => id },
        dataConverter: unused,
        audit: { list: unused, async *links() {}, note: async (action) => void said.push(action), verify: unused },
        reports: createMonthlyAuditReader(stores.db),
        close: async () => {},
      }),
    };
    return runOn(parts, ...args);
  }
  async function json(...args: string[]) {
    const { out, err } = await steward(...args, '--json');
    expect(err).toBe('');
    return JSON.parse(out);
  }
  async function newCustomer() {
    const customerId = newId('CUST');
    const email = `${customerId.toLowerCase()}@example.com`;
    const ticketId = await newTicket(stores, { customerId, customerEmail: email });
    return { customerId, email, ticketId };
  }

  return { stores, said, temporal, shown, steward, json, newCustomer };
}
