import { FORM_ENDS, type FormEnd } from '../../domain/ask.ts';
import { ErrorSummary, Field, FieldError, type FormErrors, Hidden, Notice } from './fields.tsx';
import { Layout } from './layout.tsx';

export type AskChoice = 'claim' | FormEnd;
export const ASK_CHOICES: readonly AskChoice[] = ['claim', ...FORM_ENDS];

const WORDS: Readonly<Record<AskChoice, string>> = {
  claim: 'I take it',
  replyAndSolve: 'Send this to the customer, and solve the ticket',
  reply: 'Send this to the customer, and wait for an answer',
  solve: 'Solve the ticket without a word',
  note: 'Keep this as a note for our own people: the customer does not see it',
};
const DONE: Readonly<Record<AskChoice, string>> = {
  claim: 'You have the ticket.',
  replyAndSolve: 'It is on its way to the customer, and the ticket is solved.',
  reply: 'It is on its way to the customer.',
  solve: 'The ticket is solved.',
  note: 'Your note is kept.',
};

export interface AskProps {
  readonly ticketId: string;
  /** Who decides. */
  readonly name: string;
  readonly state: string;
  /** How it stands with what is asked. */
  readonly said: string | undefined;
  /** Nothing is left to decide. */
  readonly isOver: boolean;
  readonly path: string;
  readonly event: string;
  readonly errors: FormErrors;
  readonly typed: string;
  readonly chosen: AskChoice | undefined;
  readonly done?: AskChoice | undefined;
}

/** For one of us: ids and labels only, since whoever has the address may read it. */
export function AskPage({ ticketId, name, state, said, isOver, done, ...form }: AskProps) {
  return (
    <Layout title={`Ticket ${ticketId}`} wrong={form.errors.size > 0}>
      <ErrorSummary errors={form.errors} title="This was not done" />
      {done === undefined ? null : <Notice>{DONE[done]}</Notice>}
      <h1>Ticket {ticketId}</h1>
      <dl class="facts">
        <dt>State</dt>
        <dd id="state">{state}</dd>
        <dt>What is asked</dt>
        <dd id="asked">{said ?? 'Somebody to take it'}</dd>
        <dt>You decide as</dt>
        <dd>{name}</dd>
      </dl>
      {isOver ? <p>There is nothing left to decide here.</p> : <Decide {...form} />}
    </Layout>
  );
}

function Decide({
  path,
  event,
  errors,
  typed,
  chosen,
}: Pick<AskProps, 'path' | 'event' | 'errors' | 'typed' | 'chosen'>) {
  return (
    <form method="post" action={path} novalidate>
      <Hidden name="event" value={event} />
      <fieldset {...(errors.has('act-claim') ? { 'aria-describedby': 'act-claim-error' } : {})}>
        <legend>What becomes of it?</legend>
        <FieldError name="act-claim" errors={errors} />
        <div class="choices">
          {ASK_CHOICES.map((act) => (
            <label for={`act-${act}`}>
              <input type="radio" id={`act-${act}`} name="act" value={act} checked={chosen === act} />
              {WORDS[act]}
            </label>
          ))}
        </div>
      </fieldset>
      <Field name="message" label="Your words" value={typed} errors={errors} autocomplete="off" required={false} long />
      <button type="submit">Do it</button>
    </form>
  );
}
