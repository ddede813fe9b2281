/** Not a test: records the histories that `replay.test.ts` follows. README.md beside says when, and how. */
import { describe } from 'vitest';
import { auditWays } from './ways/audits.ts';
import { canaryWays } from './ways/canaries.ts';
import { earlyWays } from './ways/early.ts';
import { erasureWays } from './ways/erasures.ts';
import { flowWays } from './ways/flows.ts';
import { healingWays } from './ways/healing.ts';
import { itemWays } from './ways/items.ts';
import { noticeWays } from './ways/notices.ts';
import { parkedWays } from './ways/parked.ts';
import { pathWays } from './ways/paths.ts';
import { retentionWays } from './ways/retentions.ts';
import { taskWays } from './ways/tasks.ts';
import { ticketWays } from './ways/tickets.ts';
import { webhookWays } from './ways/webhooks.ts';

const RECORD = process.env.STEWARD_RECORD === 'on';

describe.runIf(RECORD)('recording', () => {
  describe('tickets', ticketWays);
  describe('paths', pathWays);
  describe('early', earlyWays);
  describe('erasures', erasureWays);
  describe('audits', auditWays);
  describe('retention', retentionWays);
  describe('parked', parkedWays);
  describe('webhooks', webhookWays);
  describe('healing', healingWays);
  describe('notices', noticeWays);
  describe('tasks', taskWays);
  describe('canaries', canaryWays);
  describe('flows', flowWays);
  describe('items', itemWays);
});
