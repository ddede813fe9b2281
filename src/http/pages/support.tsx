import { ErrorSummary, Field, type FormErrors, Hidden, Trap } from './fields.tsx';
import { Layout } from './layout.tsx';

export interface Typed {
  readonly name: string;
  readonly email: string;
  readonly subject: string;
  readonly message: string;
}

/** The form; `token` makes two clicks one ticket. */
export function SupportPage({ token, typed, errors }: { token: string; typed: Typed; errors: FormErrors }) {
  return (
    <Layout title="Write to customer support" wrong={errors.size > 0}>
      <ErrorSummary errors={errors} title="Your message was not sent" />
      <h1>Write to customer support</h1>
      <p>You get a ticket number and a private page where you can follow it and reply.</p>
      <form method="post" action="/support" novalidate>
        <Hidden name="token" value={token} />
        <Field name="name" label="Your name" value={typed.name} errors={errors} autocomplete="name" required={false} />
        <Field
          name="email"
          label="Your e-mail address"
          hint="We send our answer there."
          type="email"
          value={typed.email}
          errors={errors}
          autocomplete="email"
        />
        <Field name="subject" label="Subject" value={typed.subject} errors={errors} autocomplete="off" />
        <Field
          name="message"
          label="Your message"
          hint="What happened, and what did you expect? Please send no passwords."
          value={typed.message}
          errors={errors}
          autocomplete="off"
          long
        />
        <Trap />
        <button type="submit">Send</button>
      </form>
    </Layout>
  );
}
