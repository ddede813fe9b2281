import { ErrorSummary, type FormErrors, Notice } from './fields.tsx';
import { Layout } from './layout.tsx';

export interface TaskProps {
  readonly taskId: string;
  readonly question: string;
  readonly ticketId: string | null;
  readonly runId: string | null;
  /** Who decides. */
  readonly name: string;
  readonly stands: string;
  /** Empty: nothing is left to decide. */
  readonly acts: readonly string[];
  readonly path: string;
  readonly errors: FormErrors;
  readonly isDone: boolean;
}

/** For one of us: ids and labels only, since whoever has the address may read it. */
export function TaskPage({ taskId, question, ticketId, runId, name, stands, acts, path, errors, isDone }: TaskProps) {
  return (
    <Layout title={question} wrong={errors.size > 0}>
      <ErrorSummary errors={errors} title="This was not done" />
      {isDone ? <Notice>Your decision is taken.</Notice> : null}
      <h1>{question}</h1>
      <dl class="facts">
        <dt>Task</dt>
        <dd>{taskId}</dd>
        {ticketId === null ? null : <dt>Ticket</dt>}
        {ticketId === null ? null : <dd>{ticketId}</dd>}
        {runId === null ? null : <dt>Run</dt>}
        {runId === null ? null : <dd>{runId}</dd>}
        <dt>How it stands</dt>
        <dd id="stands">{stands}</dd>
        <dt>You decide as</dt>
        <dd>{name}</dd>
      </dl>
      {acts.length === 0 ? (
        <p>There is nothing left to decide here.</p>
      ) : (
        <form method="post" action={path}>
          {acts.map((act) => (
            <button type="submit" name="act" value={act}>
              {act}
            </button>
          ))}
        </form>
      )}
    </Layout>
  );
}
