import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { sql } from 'kysely';
import { monthlyAuditWorkflowId } from '../contract.ts';
import type {
  MonthlyAudit,
  MonthlyAuditReader,
  MonthlyAuditRun,
  MonthlyAuditStore,
  RunOutcome,
} from '../deps-audits.ts';
import type { AuditEntry } from '../domain/audit.ts';
import type { WhatOf } from '../domain/audit-actions.ts';
import type { JsonObject } from '../domain/json.ts';
import { type Difference, differencesOf, type MonthFigures } from '../domain/measure.ts';
import { CHANGED, insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { toJson } from './json.ts';

/** Reports of months. The first one stands; whoever measures again is told whether the same came out. */
export function createMonthlyAuditStore(db: Database): MonthlyAuditStore {
  return {
    find: (month) => findAudit(db, month),

    async before(month) {
      const row = await db
        .selectFrom('monthly_audits')
        .select('month')
        .where('month', '<', month)
        .orderBy('month', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row ? findAudit(db, row.month) : null;
    },

    async keep(runId, { figures, workflows }, render) {
      const { month } = figures;
      const json = canonicalize(figures) ?? '';
      const sha256 = createHash('sha256').update(json, 'utf8').digest('hex');
      const fresh = { month, figures, json, sha256, workflows, madeAt: new Date() };
      const html = (await findAudit(db, month)) === null ? await render(fresh) : '';
      const made = await insertFirst(db, runId, fresh, html);
      const audit = made ? fresh : await findAudit(db, month);
      if (audit === null) throw new Error(`the report of ${month} is gone`);
      if (!made) await insertRun(db, runId, audit, fresh);
      const runs = await runsOf(db, month);
      const run = runs.find((one) => one.runId === runId);
      if (run === undefined) throw new Error(`the run of ${month} is gone`);
      return { audit, run };
    },

    async html(month) {
      const row = await db.selectFrom('monthly_audits').select('html').where('month', '=', month).executeTakeFirst();
      return row?.html ?? null;
    },

    async beginMail(month, officerId, occasion) {
      const { rows } = await sql<{ begun: boolean }>`with changed as (
          insert into monthly_audit_mails (month, officer_id, occasion, status) values (${month}, ${officerId}, ${occasion}, 'sending')
          on conflict (month, officer_id, occasion) do update set attempts = monthly_audit_mails.attempts + 1, updated_at = now()
            where monthly_audit_mails.status <> 'sent' returning 1),
        logged as (${insertAudit([said(month, 'mailIntent', { officer: officerId, occasion })], CHANGED)})
        select exists (select 1 from changed) as begun`.execute(db);
      return rows[0]?.begun === true;
    },

    async failMail(month, officerId, occasion, code) {
      await insertAudit([{ ...said(month, 'mailFailed', { officer: officerId, occasion }), why: code }]).execute(db);
    },

    async finishMail(month, officerId, occasion) {
      await sql`with changed as (update monthly_audit_mails set status = 'sent', updated_at = now()
          where month = ${month} and officer_id = ${officerId} and occasion = ${occasion} and status <> 'sent' returning 1)
        ${insertAudit([said(month, 'mailSent', { officer: officerId, occasion })], CHANGED)}`.execute(db);
    },
  };
}

export function createMonthlyAuditReader(db: Database): MonthlyAuditReader {
  return {
    find: (month) => findAudit(db, month),
    runs: (month) => runsOf(db, month),
    async list() {
      const rows = await db.selectFrom('monthly_audits').selectAll().orderBy('month', 'desc').execute();
      const runs = await db.selectFrom('monthly_audit_runs').selectAll().orderBy('at').execute();
      return rows.map((row) => ({
        ...auditOf(row),
        runs: runs.filter(({ month }) => month === row.month).map(runOf),
      }));
    },
  };
}

function said(month: string, what: WhatOf<'monthlyAudit'>, after: JsonObject): AuditEntry {
  return {
    actor: { kind: 'workflow', id: monthlyAuditWorkflowId(month) },
    action: `monthlyAudit.${what}`,
    object: `month/${month}`,
    after,
  };
}

/** Report, run and entry in one statement; false when the month has its report. */
async function insertFirst(db: Database, runId: string, audit: MonthlyAudit, html: string): Promise<boolean> {
  const { month, json, sha256, workflows, madeAt } = audit;
  const { rows } = await sql<{ made: boolean }>`with changed as (
      insert into monthly_audits (month, figures, sha256, html, workflows, made_at)
      values (${month}, ${json}, ${Buffer.from(sha256, 'hex')}, ${html}, ${toJson(workflows)}::jsonb, ${madeAt})
      on conflict (month) do nothing returning 1),
    ran as (insert into monthly_audit_runs (month, run_id, outcome) select ${month}, ${runId}, 'first' from changed),
    logged as (${insertAudit([said(month, 'measured', { outcome: 'first', sha256 })], CHANGED)})
    select exists (select 1 from changed) as made`.execute(db);
  return rows[0]?.made === true;
}

async function insertRun(db: Database, runId: string, audit: MonthlyAudit, fresh: MonthlyAudit): Promise<void> {
  const { month } = audit;
  const differences = audit.json === fresh.json ? [] : differencesOf(audit.figures, fresh.figures);
  const outcome: RunOutcome = audit.json === fresh.json ? 'same' : 'differs';
  const facts = { outcome, sha256: fresh.sha256, figures: differences.map(({ figure }) => figure) };
  await sql`with changed as (insert into monthly_audit_runs (month, run_id, outcome, differences)
      values (${month}, ${runId}, ${outcome}, ${toJson(differences)}::jsonb) on conflict (month, run_id) do nothing returning 1)
    ${insertAudit([said(month, 'measured', facts)], CHANGED)}`.execute(db);
}

async function findAudit(db: Database, month: string): Promise<MonthlyAudit | null> {
  const row = await db.selectFrom('monthly_audits').selectAll().where('month', '=', month).executeTakeFirst();
  return row ? auditOf(row) : null;
}

function auditOf(row: {
  month: string;
  figures: string;
  sha256: Buffer;
  workflows: MonthlyAudit['workflows'];
  made_at: Date;
}): MonthlyAudit {
  return {
    month: row.month,
    figures: JSON.parse(row.figures) as MonthFigures,
    json: row.figures,
    sha256: row.sha256.toString('hex'),
    workflows: row.workflows,
    madeAt: row.made_at,
  };
}

async function runsOf(db: Database, month: string): Promise<MonthlyAuditRun[]> {
  const rows = await db.selectFrom('monthly_audit_runs').selectAll().where('month', '=', month).orderBy('at').execute();
  return rows.map(runOf);
}

function runOf(row: { run_id: string; outcome: RunOutcome; differences: readonly Difference[]; at: Date }) {
  return { runId: row.run_id, outcome: row.outcome, differences: row.differences, at: row.at };
}
