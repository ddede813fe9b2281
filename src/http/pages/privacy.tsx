import type { ErasureRow, RecipientRow } from '../../deps-erasure-store.ts';
import { dateIn } from '../../domain/calendar.ts';
import { erasedIn, keptIn } from '../../domain/erase.ts';
import { isPartly } from '../../domain/erase-policy.ts';
import type { PrivacyPolicy } from '../../domain/privacy-policy.ts';
import type { ErasureLook } from '../../erasure-requests.ts';
import { ErrorSummary, Field, type FormErrors, Hidden, Notice, Trap } from './fields.tsx';
import { Layout } from './layout.tsx';
import { sayTime } from './words.ts';

const TITLE = 'Have your data erased';

interface FormProps {
  readonly token: string;
  readonly typed: string;
  readonly errors: FormErrors;
  readonly policy: Pick<PrivacyPolicy, 'controller'>;
}

/** What will happen, before anybody asks for it: it can't be undone. */
export function PrivacyPage({ token, typed, errors, policy }: FormProps) {
  return (
    <Layout title={TITLE} wrong={errors.size > 0}>
      <ErrorSummary errors={errors} title="Your request was not sent" />
      <h1>{TITLE}</h1>
      <p>We erase what we hold of you: your name and addresses, what you wrote to us, and what we answered.</p>
      <ol>
        <li>Enter the address from which you wrote to us. We send a message to it, with a code if we know you.</li>
        <li>Enter the code on the next page. It shows us that the address is yours; without it nothing is erased.</li>
        <li>
          We erase within a month, most often within minutes, and write to you once more: what is gone, and what the law
          has us keep, why and until when.
        </li>
      </ol>
      <p>
        <strong>This can not be undone.</strong> Whatever you have asked us and is still open is closed, and nobody
        answers it any more.
      </p>
      <form method="post" action="/privacy" novalidate>
        <Hidden name="token" value={token} />
        <Field
          name="email"
          label="Your e-mail address"
          type="email"
          value={typed}
          errors={errors}
          autocomplete="email"
        />
        <Trap />
        <button type="submit">Ask for erasure</button>
      </form>
      <p>For anything else about your data, such as a copy of it, write to {policy.controller.contact}.</p>
    </Layout>
  );
}

interface ErasureProps {
  readonly row: ErasureRow;
  readonly recipients: readonly RecipientRow[];
  readonly code: ErasureLook['code'];
  readonly path: string;
  readonly errors: FormErrors;
  readonly policy: Pick<PrivacyPolicy, 'controller' | 'categories'>;
}

/** Until the code is entered it is the same page whether we know the person or not. */
export function ErasurePage({ row, recipients, code, path, errors, policy }: ErasureProps) {
  const proving = row.provedAt === null && row.endedAt === null;
  return (
    <Layout title={TITLE} wrong={errors.size > 0}>
      <ErrorSummary errors={errors} title="This was not taken" />
      <h1>{TITLE}</h1>
      <dl class="facts">
        <dt>Request</dt>
        <dd id="request">{row.id}</dd>
        <dt>Received</dt>
        <dd>
          <time datetime={row.receivedAt.toISOString()}>{sayTime(row.receivedAt.toISOString())}</time>
        </dd>
        <dt>Where it stands</dt>
        <dd id="state" data-state={row.state} data-outcome={row.outcome ?? ''}>
          {proving
            ? isCodeOver(code)
              ? 'ends without a code; nothing is erased'
              : 'waiting for the code'
            : sayState(row)}
        </dd>
        {row.endedAt !== null || row.erasedAt !== null || proving ? null : (
          <>
            <dt>Done by</dt>
            <dd>{sayTime((row.extendedTo ?? row.dueAt).toISOString())}</dd>
          </>
        )}
      </dl>
      {isCodeOver(code) ? (
        <CodeOver code={code} />
      ) : proving ? (
        <CodeForm path={path} errors={errors} />
      ) : (
        <>
          {row.state === 'cooling' ? <StopForm path={path} /> : null}
          <Outcome row={row} recipients={recipients} policy={policy} />
        </>
      )}
      <p>This page is private: whoever has its address can see it. It does not say who you are.</p>
      <Complaint policy={policy} />
    </Layout>
  );
}

function CodeForm({ path, errors }: { path: string; errors: FormErrors }) {
  return (
    <>
      <p>We have sent a message to the address that was given. If it holds a code, enter it here:</p>
      <form method="post" action={path} novalidate>
        <Field
          name="code"
          label="Code from the mail"
          hint="8 digits"
          value=""
          errors={errors}
          autocomplete="one-time-code"
        />
        <button type="submit">Erase my data</button>
      </form>
    </>
  );
}

function isCodeOver(code: ErasureLook['code']): code is keyof typeof CODE_OVER {
  return code === 'triesOver' || code === 'timeOver';
}
const CODE_OVER = {
  triesOver:
    'A wrong code was entered too often, so the code of this request is not taken any more, not even the right one.',
  timeOver: 'The time of this code is over, so it is not taken any more.',
} as const;

/** What to do now. A new code comes with a new request alone: else whoever guesses would be given more tries. */
function CodeOver({ code }: { code: keyof typeof CODE_OVER }) {
  return (
    <Notice>
      <p>{CODE_OVER[code]} Nothing was erased.</p>
      <p>
        To go on, <a href="/privacy">ask anew</a>: that is a new request, with a new code if the address is known to us.
        Nothing has to be done about this one; it ends by itself. If you did not enter these codes, you need not do
        anything.
      </p>
    </Notice>
  );
}

function StopForm({ path }: { path: string }) {
  return (
    <>
      <p>Nothing is erased yet. If you have not asked for it, or have changed your mind, stop it here:</p>
      <form method="post" action={`${path}/stop`}>
        <button type="submit">Stop the erasure</button>
      </form>
    </>
  );
}

function Outcome({ row, recipients, policy }: Pick<ErasureProps, 'row' | 'recipients' | 'policy'>) {
  const told = recipients.filter(({ status }) => status !== 'nothing');
  if (row.outcome === 'nobody') return <Notice>{HOLD_NOTHING}</Notice>;
  if (row.supersededBy !== null) return <Notice>{GOES_ON}</Notice>;
  if (row.outcome === 'abandoned') return <Stopped />;
  if (row.outcome === 'withdrawn') return <Withdrawn />;
  if (row.decision === null) {
    if (row.endedAt === null) return null;
    return row.provedAt === null ? <AskAnew /> : <NotVouched policy={policy} />;
  }
  const kept = keptIn(row);
  return (
    <>
      {row.rulingReason === null ? null : <p id="reason">{row.rulingReason}</p>}
      {isErasedInPart(row) ? (
        <section aria-labelledby="gone">
          <h2 id="gone">What we have erased</h2>
          <ul>
            {erasedIn(row).map((category) => (
              <li data-category={category}>{policy.categories[category].description}</li>
            ))}
          </ul>
        </section>
      ) : null}
      {kept.length === 0 ? null : (
        <section aria-labelledby="kept">
          <h2 id="kept">What we keep, and why</h2>
          <ul>
            {kept.map((one) => (
              <li data-category={one.category}>
                {policy.categories[one.category].description}: {one.why}
                {one.statute ? ` (${one.statute})` : ''}
                {one.until ? `, until ${dateIn(new Date(one.until), policy.controller.timeZone)}` : ''}
              </li>
            ))}
          </ul>
        </section>
      )}
      {told.length === 0 ? null : (
        <section aria-labelledby="recipients">
          <h2 id="recipients">Who else was told</h2>
          <ul>
            {told.map(({ recipient, status }) => (
              <li data-status={status}>
                {recipient}: {status === 'told' ? 'has confirmed' : 'has not answered yet'}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

const GOES_ON = 'A later request of the person goes on in the place of this one; its own page tells what became of it.';
const HOLD_NOTHING = 'We hold nothing about this person, or nothing any more.';

/** Its workflow was ended by hand; a later request for the same person took over what it had begun. */
function Stopped() {
  return (
    <Notice>
      <p>
        This request was stopped before it was done. If you have asked again since, that request goes on from here; else{' '}
        <a href="/privacy">ask anew</a>.
      </p>
    </Notice>
  );
}

function Withdrawn() {
  return (
    <Notice>
      <p>
        You have stopped this request, and nothing was erased. <a href="/privacy">Ask anew</a>
      </p>
    </Notice>
  );
}

function AskAnew() {
  return (
    <Notice>
      <p>
        No code was entered in time, so nothing was erased. <a href="/privacy">Ask anew</a>
      </p>
    </Notice>
  );
}

/** Where a code alone is not enough (STEWARD_SECOND_FACTOR). */
function NotVouched({ policy }: Pick<ErasureProps, 'policy'>) {
  return (
    <Notice>
      <p>
        The code was right. We also have to know that you are signed in with us, and nobody has shown us that, so
        nothing was erased. Ask from within your account there, or write to {policy.controller.contact}.
      </p>
    </Notice>
  );
}

function Complaint({ policy }: Pick<ErasureProps, 'policy'>) {
  const { contact, complaint } = policy.controller;
  return (
    <p>
      If you think that something is wrong, write to {contact}. You may also complain to the supervisory authority,{' '}
      <a href={complaint.url}>{complaint.authority}</a>, and you may go to court.
    </p>
  );
}

/** As far as something is erased by now. */
function isErasedInPart({ decision, outcome, erasedAt }: ErasureRow): boolean {
  if (outcome === 'partlyErased') return true;
  return erasedAt !== null && decision !== null && isPartly(decision.categories);
}

function sayState(row: ErasureRow): string {
  const { state, outcome, erasedAt } = row;
  if (outcome === 'refused') return 'refused';
  if (outcome === 'withdrawn') return 'stopped by you';
  if (outcome === 'abandoned') return 'stopped before it was done';
  if (outcome === 'notProved' || outcome === 'nobody' || outcome === 'superseded') return 'ended';
  if (isErasedInPart(row)) return 'part of your data is erased, the rest is kept by law';
  if (erasedAt !== null || outcome === 'erased') return 'your data is erased';
  if (state === 'cooling') return 'proved; it begins in a while, unless you stop it';
  return state === 'approving' || state === 'deciding' ? 'being decided' : 'being erased';
}
