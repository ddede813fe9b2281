import type { StatusPage as Ticket } from '../deps.ts';
import { ErrorSummary, Notice } from './fields.tsx';
import { type FormProps, Rating, Reply } from './forms.tsx';
import { Layout } from './layout.tsx';
import { AUTHOR_WORDS, STATE_FOR_CUSTOMER, sayTime } from './words.ts';

interface StatusProps extends FormProps {
  readonly ticket: Ticket;
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
      <Reply path={path} event={event} errors={errors} typed={typed} />
      <Rating rating={ticket.rating} path={path} event={event} errors={errors} />
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
            {line.whole === undefined ? null : (
              <details>
                <summary>The whole mail, with what it quotes</summary>
                <p class="words" dir="auto">
                  {line.whole}
                </p>
              </details>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The forms alone, with what was typed, where the rest can't be shown: not written down yet, or the store is away. */
export function FormsPage({ ticketId, ...forms }: { ticketId: string } & FormProps) {
  return (
    <Layout title={`Ticket ${ticketId}`} wrong={forms.errors.size > 0}>
      <ErrorSummary errors={forms.errors} title="This was not sent" />
      <h1>Your ticket number is {ticketId}</h1>
      <Reply {...forms} />
      <Rating {...forms} rating={null} />
    </Layout>
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

const ERASED = {
  whole: 'This ticket is closed. What was written in it is erased, and nothing of it is kept.',
  inPart:
    'This ticket is closed. What was written in it is being erased, or is erased but for what the law has us keep, which is not shown here.',
} as const;

/** Its customer asked for it: nothing of it is shown, and nothing can be said here. `refused`: somebody just tried. */
export function ErasedPage({
  ticketId,
  erased,
  refused,
}: Pick<Ticket, 'ticketId'> & { readonly erased: keyof typeof ERASED; readonly refused: boolean }) {
  return (
    <Layout title={`Ticket ${ticketId}`} wrong={refused}>
      <h1>Your ticket is erased</h1>
      {refused ? <p role="alert">What you sent was not taken, and is not kept.</p> : null}
      <dl class="facts">
        <dt>Ticket number</dt>
        <dd id="ticket">{ticketId}</dd>
        <dt>State</dt>
        <dd id="state" data-state="closed" data-erased={erased}>
          {ERASED[erased]}
        </dd>
      </dl>
      <p>It can not be answered or rated any more.</p>
      <p>
        If you need us again, <a href="/support">write to customer support</a>: that opens a new ticket.
      </p>
    </Layout>
  );
}
