import type { StatusPage as Ticket } from '../deps.ts';
import { ErrorSummary, Field, FieldError, type FormErrors, Hidden, Notice } from './fields.tsx';
import { Layout } from './layout.tsx';
import { AUTHOR_WORDS, RATING_WORDS, STATE_FOR_CUSTOMER, sayTime } from './words.ts';

interface StatusProps {
  readonly ticket: Ticket;
  /** Path of this page. */
  readonly path: string;
  /** Hidden in both forms: a second click is the same event. */
  readonly event: string;
  readonly errors: FormErrors;
  readonly typed: string;
  readonly sent?: 'reply' | 'rating' | undefined;
}

const SENT = { reply: 'Thank you, we have your reply.', rating: 'Thank you for your rating.' } as const;

export function StatusPage({ ticket, path, event, errors, typed, sent }: StatusProps) {
  return (
    <Layout title={`Ticket ${ticket.ticketId}`} wrong={errors.size > 0}>
      <ErrorSummary errors={errors} title="This was not sent" />
      {sent === undefined ? null : <Notice>{SENT[sent]}</Notice>}
      <h1 dir="auto">{ticket.subject === '' ? 'Your ticket' : ticket.subject}</h1>
      <dl class="facts">
        <dt>Ticket number</dt>
        <dd id="ticket">{ticket.ticketId}</dd>
        <dt>Opened</dt>
        <dd>
          <time datetime={ticket.openedAt}>{sayTime(ticket.openedAt)}</time>
        </dd>
        <dt>State</dt>
        <dd id="state" data-state={ticket.state}>
          {STATE_FOR_CUSTOMER[ticket.state]}
        </dd>
      </dl>
      <p>This page is private: whoever has its address can read it and reply.</p>
      {ticket.outage.length === 0 ? null : (
        <Notice>
          <p>We know of a disturbance that may be the cause:</p>
          <ul>
            {ticket.outage.map((title) => (
              <li>{title}</li>
            ))}
          </ul>
        </Notice>
      )}
      <Conversation ticket={ticket} />
      <h2>Reply</h2>
      <form method="post" action={`${path}/reply`} novalidate>
        <Hidden name="event" value={event} />
        <Field name="message" label="Your reply" value={typed} errors={errors} autocomplete="off" long />
        <button type="submit">Send reply</button>
      </form>
      <Rating ticket={ticket} path={path} event={event} errors={errors} />
    </Layout>
  );
}

function Conversation({ ticket }: { ticket: Ticket }) {
  return (
    <section aria-labelledby="conversation">
      <h2 id="conversation">Conversation</h2>
      <ol class="conversation">
        {ticket.conversation.map((line) => (
          <li>
            <p class="who">
              {AUTHOR_WORDS[line.author]}, <time datetime={line.at}>{sayTime(line.at)}</time>
            </p>
            <p class="words" dir="auto">
              {line.body}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Rating({ ticket, path, event, errors }: Pick<StatusProps, 'ticket' | 'path' | 'event' | 'errors'>) {
  const wrong = errors.has('score-1');
  return (
    <section aria-labelledby="rating">
      <h2 id="rating">Rate our support</h2>
      {ticket.rating === null ? null : <p>{`You gave ${ticket.rating} of 5. You can change it.`}</p>}
      <form method="post" action={`${path}/rate`} novalidate>
        <Hidden name="event" value={event} />
        <fieldset {...(wrong ? { 'aria-describedby': 'score-1-error' } : {})}>
          <legend>How satisfied are you?</legend>
          <FieldError name="score-1" errors={errors} />
          <div class="choices">
            {RATING_WORDS.map((words, index) => (
              <label for={`score-${index + 1}`}>
                <input
                  type="radio"
                  id={`score-${index + 1}`}
                  name="score"
                  value={String(index + 1)}
                  checked={ticket.rating === index + 1}
                />
                {words}
              </label>
            ))}
          </div>
        </fieldset>
        <button type="submit">Send rating</button>
      </form>
    </section>
  );
}

/**
 * The link is right and the ticket is not written down yet: a matter of moments, unless something is away. The reader looks again when
 * ready: a page that reloads by itself takes those who read slowly, or by ear, back to its top.
 */
export function ArrivingPage({ ticketId, path }: { ticketId: string; path: string }) {
  return (
    <Layout title={`Ticket ${ticketId}`}>
      <h1>Your ticket number is {ticketId}</h1>
      <p>
        If you have just written to us, your message is being filed and shows up here in a moment. Please keep the
        address of this page.
      </p>
      <p>
        <a href={path}>Look again</a>
      </p>
    </Layout>
  );
}
