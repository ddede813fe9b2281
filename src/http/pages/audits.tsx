/** The monthly audit for people: a document of its own, which needs nothing else to be read or printed, and the gateway's pages. */
import type { Child } from 'hono/jsx';
import type { MonthlyAudit, MonthlyAuditLine, MonthlyAuditRun } from '../../deps-audits.ts';
import type { KeptFigures, MonthFigures } from '../../domain/measure.ts';
import { keptAlarms, sayUntil, WITHOUT_REASON_WORDS } from '../../domain/measure-kept.ts';
import { sayMonth } from '../../domain/month.ts';
import { saySeconds } from '../../domain/words.ts';
import { ErrorSummary, Field, type FormErrors } from './fields.tsx';
import { Layout } from './layout.tsx';
import { STYLE } from './style.ts';

const TITLE = 'Privacy report of';

/** The report as a file. */
export function AuditDocument({ audit }: { audit: MonthlyAudit }) {
  const title = `${TITLE} ${sayMonth(audit.month)}`;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <main>
          <h1>{title}</h1>
          <Report audit={audit} />
        </main>
      </body>
    </html>
  );
}

export async function renderAudit(audit: MonthlyAudit): Promise<string> {
  return `<!doctype html>${await (<AuditDocument audit={audit} />)}`;
}

export function AuditPage({ audit, runs }: { audit: MonthlyAudit; runs: readonly MonthlyAuditRun[] }) {
  const title = `${TITLE} ${sayMonth(audit.month)}`;
  return (
    <Layout title={title}>
      <h1>{title}</h1>
      <Report audit={audit} />
      <h2>Measured</h2>
      <p>{sayStanding(runs)}</p>
      <Table head={['At (UTC)', 'Came out', 'Differs in']}>
        {runs.map(({ at, outcome, differences }) => (
          <tr>
            <td>{sayAt(at.toISOString())}</td>
            <td>{RUN_WORDS[outcome]}</td>
            <td>
              {differences.length === 0
                ? '-'
                : differences.map(({ figure, was, is }) => `${figure}: reported ${was}, measured ${is}`).join('; ')}
            </td>
          </tr>
        ))}
      </Table>
      <p class="noprint">
        <a href="/audits">All months</a>
      </p>
    </Layout>
  );
}

function sayStanding(runs: readonly MonthlyAuditRun[]): string {
  const differs = runs.some(({ outcome }) => outcome === 'differs');
  const stands = 'The first report stands, and is the one above.';
  return differs
    ? `${stands} Measured again, other figures came out: something was changed that should not have been.`
    : `${stands} Who measures again hears whether the same comes out.`;
}

const RUN_WORDS = { first: 'this report', same: 'the same', differs: 'other figures' } as const;

export function AuditsPage({ audits, keyName }: { audits: readonly MonthlyAuditLine[]; keyName: string }) {
  return (
    <Layout title="Privacy reports">
      <h1>Privacy reports</h1>
      {audits.length === 0 ? (
        <p>There is none yet: each month is reported on the 1st of the next.</p>
      ) : (
        <Table head={['Month', 'Received', 'Done', 'Partly', 'Late', 'Audit log', 'Measured again']}>
          {audits.map(({ month, figures, runs }) => (
            <tr>
              <td>
                <a href={`/audits/${month}`}>{sayMonth(month)}</a>
              </td>
              <td class="number">{figures.requests.received}</td>
              <td class="number">{figures.requests.done}</td>
              <td class="number">{figures.requests.partlyRefused}</td>
              <td class="number">{figures.late.byAim.length}</td>
              <td>{figures.log.ok ? 'whole' : <strong>not whole</strong>}</td>
              <td>{sayAgain(runs)}</td>
            </tr>
          ))}
        </Table>
      )}
      <form method="post" action="/audits" class="noprint">
        <input type="hidden" name="act" value="out" />
        <p class="hint">Signed in with the API key “{keyName}”.</p>
        <button type="submit">Sign out</button>
      </form>
    </Layout>
  );
}

export function AuditSignInPage({ errors, to }: { errors: FormErrors; to: string }) {
  return (
    <Layout title="Privacy reports" wrong={errors.size > 0}>
      <h1>Privacy reports</h1>
      <p>For privacy officers and auditors, with an API key of that role; for eight hours in this browser.</p>
      <ErrorSummary errors={errors} title="That did not work" />
      <form method="post" action="/audits">
        <input type="hidden" name="to" value={to} />
        <Field name="key" label="API key" type="password" value="" errors={errors} autocomplete="off" />
        <button type="submit">Sign in</button>
      </form>
    </Layout>
  );
}

function sayAgain(runs: readonly MonthlyAuditRun[]) {
  const again = runs.filter(({ outcome }) => outcome !== 'first');
  if (again.length === 0) return '-';
  return again.some(({ outcome }) => outcome === 'differs') ? <strong>other figures</strong> : 'the same';
}

function Report({ audit }: { audit: MonthlyAudit }) {
  const { figures, workflows, sha256, madeAt } = audit;
  const { calendar, span, requests, timeToErase, kept, silentRecipients, decodes, looks } = figures;
  return (
    <>
      <p>
        {sayAt(span.from)} to {sayAt(span.to)} UTC: the month in {calendar.timeZone}. Made {sayAt(madeAt.toISOString())}{' '}
        UTC.
      </p>
      <Verdicts figures={figures} />
      <h2>Requests for erasure</h2>
      <Facts
        facts={[
          ['Received', requests.received],
          ['Done', requests.done],
          ['Partly refused', requests.partlyRefused],
          ['Refused', requests.refused],
          ['Not proved', requests.notProved],
          ['Nobody known', requests.nobody],
          ['Superseded', requests.superseded ?? 0],
          ...(requests.withdrawn ? [['Withdrawn', requests.withdrawn] as const] : []),
          ['Abandoned', requests.abandoned],
          ['Open at the end', requests.open],
          ['Of them overdue', requests.overdue],
          ['Median time to erased', sayTime(timeToErase.medianSeconds)],
          ['Worst time to erased', sayTime(timeToErase.worstSeconds)],
        ]}
      />
      <Late figures={figures} />
      <h2>Kept by this month’s answers, and why</h2>
      <Listed
        head={['Category', 'Why', 'By', 'Requests']}
        rows={kept.map((k) => [k.category, k.why, k.statute, k.requests])}
      />
      {figures.keptData === undefined ? null : <KeptData kept={figures.keptData} />}
      <h2>Recipients without answer</h2>
      <Listed
        head={['Recipient', 'Requests']}
        rows={silentRecipients.map(({ recipient, requestIds }) => [recipient, requestIds.join(', ')])}
      />
      <h2>Looks again</h2>
      <Listed
        head={['Look', 'Times', 'Remnants', 'Came back by themselves', 'In words that are kept']}
        rows={[
          ['At once', looks.atOnce.looks, looks.atOnce.found, looks.atOnce.back, looks.atOnce.kept ?? 0],
          ['After the window', looks.later.looks, looks.later.found, looks.later.back, looks.later.kept ?? 0],
        ]}
      />
      {looks.findings.length === 0 ? null : (
        <Listed
          head={['Request', 'Where', 'What', 'How often']}
          rows={looks.findings.map(({ requestId, where, kind, count }) => [requestId, where, kind, count ?? '-'])}
        />
      )}
      <h2>Encrypted payloads shown</h2>
      <Listed head={['To', 'Times', 'Payloads']} rows={decodes.map((d) => [d.who, d.times, d.opened])} />
      <h2>Retention</h2>
      <Facts facts={[['Tickets that lost their words', figures.ticketsEmptied]]} />
      <LogPart log={figures.log} />
      <h2>Database, log and workflows</h2>
      <p>
        When this report was made, {say(workflows.compared, 'workflow')} could be compared
        {workflows.forgotten === 0 ? '' : `; the server had forgotten ${workflows.forgotten} more`}. At odds:
      </p>
      <Listed
        head={['Request', 'At odds with', 'What']}
        rows={figures.mismatches.map((one) => [one.requestId, one.with, one.what])}
      />
      <p class="hint">
        SHA-256 of the figures: <code>{sha256}</code>
      </p>
    </>
  );
}

/** What must not be overlooked. */
function Verdicts({ figures }: { figures: MonthFigures }) {
  const { log, late, requests, mismatches, looks, keptData } = figures;
  const remnants = looks.atOnce.found + looks.later.found;
  const wrong = [
    log.ok ? '' : 'The audit log is not whole.',
    late.byAim.length === 0 ? '' : `${say(late.byAim.length, 'request')} late.`,
    requests.overdue === 0 ? '' : `${say(requests.overdue, 'request')} overdue at the end.`,
    remnants === 0 ? '' : `${say(remnants, 'remnant')} found after an erasure.`,
    ...(keptData === undefined ? [] : keptAlarms(keptData)),
    mismatches.length === 0
      ? ''
      : `${say(mismatches.length, 'mismatch', 'mismatches')} of database, log and workflows.`,
  ].filter((words) => words !== '');
  if (wrong.length === 0) return <p class="notice">Nothing late, nothing left over, the audit log whole.</p>;
  return <p class="summary">{wrong.join(' ')}</p>;
}

function say(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}

function Late({ figures: { late } }: { figures: MonthFigures }) {
  const argued = new Set(late.withPauses.map(({ requestId }) => requestId));
  const only = late.withPauses.filter(({ requestId }) => !late.byAim.some((one) => one.requestId === requestId));
  const say = (at: string | null) => (at === null ? 'not in the month' : sayAt(at));
  return (
    <>
      <h2>Late</h2>
      <Listed
        head={['Request', 'Last day (UTC)', 'Answered (UTC)', 'With pauses']}
        rows={[
          ...late.byAim.map((one) => [
            one.requestId,
            sayAt(one.dueAt),
            say(one.answeredAt),
            argued.has(one.requestId) ? 'late' : 'in time, or not due yet',
          ]),
          ...only.map((one) => [one.requestId, sayAt(one.dueAt), say(one.answeredAt), 'late, with pauses']),
        ]}
      />
    </>
  );
}

function KeptData({ kept }: { kept: KeptFigures }) {
  return (
    <>
      <h2>Still kept when the month ended</h2>
      <p>
        Of {say(kept.requests, 'erasure')} of this and earlier months.{' '}
        {kept.lastReview === null
          ? 'The log knows of no night that looked at it.'
          : `A night last looked at it on ${sayAt(kept.lastReview)} UTC.`}
      </p>
      <Listed
        head={['Category', 'Why', 'By', 'Until', 'Requests']}
        rows={kept.still.map((k) => [k.category, k.why, k.statute, sayUntil(k), k.requests])}
      />
      <h2>Kept data that ended in the month</h2>
      <Listed
        head={['Category', 'How', 'Requests']}
        rows={kept.ended.map(({ category, how, requests }) => [category, HOW_WORDS[how], requests])}
      />
      <h2>Kept without a reason that is known</h2>
      <Listed
        head={['Request', 'Category', 'Until', 'Why it is there']}
        rows={kept.withoutReason.map(({ requestId, category, until, why }) => [
          requestId,
          category,
          until === null ? '-' : sayAt(until),
          WITHOUT_REASON_WORDS[why],
        ])}
      />
    </>
  );
}
const HOW_WORDS = {
  erased: 'erased',
  cameBack: 'now of the person’s new dealings',
  gone: 'taken by a later request',
} as const;

function LogPart({ log }: { log: MonthFigures['log'] }) {
  return (
    <>
      <h2>Audit log</h2>
      <Facts
        facts={[
          ['Verdict', log.ok ? 'whole' : `not whole, from position ${log.firstBad?.position}`],
          ...(log.firstBad ? [['Fault', `${log.firstBad.message} (${log.firstBad.kind})`] as const] : []),
          ['Positions', log.to < log.from ? 'none were added' : `${log.from} to ${log.to}`],
          ['Looked at', log.checked],
          [
            'Heads kept elsewhere',
            log.keptHeads === 0 ? 'none: a log rewritten whole would not be noticed' : log.keptHeads,
          ],
          ['Vouched for up to', log.vouchedTo],
          ['Head', log.head ? `${log.head.position} ${log.head.hash}` : '-'],
        ]}
      />
    </>
  );
}

function Facts({ facts }: { facts: readonly (readonly [string, string | number])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}

function Listed({ head, rows }: { head: readonly string[]; rows: readonly (readonly (string | number)[])[] }) {
  if (rows.length === 0) return <p>None.</p>;
  return (
    <Table head={head}>
      {rows.map((cells) => (
        <tr>
          {cells.map((cell) => (
            <td class={typeof cell === 'number' ? 'number' : undefined}>{cell}</td>
          ))}
        </tr>
      ))}
    </Table>
  );
}

function Table({ head, children }: { head: readonly string[]; children: Child }) {
  return (
    <div class="wide">
      <table>
        <thead>
          <tr>
            {head.map((name) => (
              <th scope="col">{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function sayTime(seconds: number | null): string {
  return seconds === null ? '-' : saySeconds(seconds);
}

function sayAt(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}
