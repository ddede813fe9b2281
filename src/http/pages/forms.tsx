/** What a customer can say on a ticket's page. */
import { Field, FieldError, type FormErrors, Hidden } from './fields.tsx';
import { RATING_WORDS } from './words.ts';

export interface FormProps {
  /** Path of the ticket's page. */
  readonly path: string;
  /** Hidden in both forms: a second click is the same event. */
  readonly event: string;
  readonly errors: FormErrors;
  readonly typed: string;
}

export function Reply({ path, event, errors, typed }: FormProps) {
  return (
    <section aria-labelledby="reply">
      <h2 id="reply">Reply</h2>
      <form method="post" action={`${path}/reply`} novalidate>
        <Hidden name="event" value={event} />
        <Field name="message" label="Your reply" value={typed} errors={errors} autocomplete="off" long />
        <button type="submit">Send reply</button>
      </form>
    </section>
  );
}

type RatingProps = Pick<FormProps, 'path' | 'event' | 'errors'> & { readonly rating: number | null };

export function Rating({ rating, path, event, errors }: RatingProps) {
  const wrong = errors.has('score-1');
  return (
    <section aria-labelledby="rating">
      <h2 id="rating">Rate our support</h2>
      {rating === null ? null : <p>{`You gave ${rating} of 5. You can change it.`}</p>}
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
                  checked={rating === index + 1}
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
