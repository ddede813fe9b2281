/** Where a person shows the API key that lets Temporal's Web UI read what is encrypted. */
import { ErrorSummary, Field, type FormErrors, Notice } from './fields.tsx';
import { Layout } from './layout.tsx';

export function SignInPage({ errors }: { errors: FormErrors }) {
  return (
    <Layout title="Read encrypted tickets" wrong={errors.size > 0}>
      <h1>Read encrypted tickets</h1>
      <p>
        Temporal keeps what tickets say encrypted. With an API key of Steward its Web UI shows it in clear, in this
        browser, for eight hours or until the key is revoked. Whatever is shown is written down.
      </p>
      <ErrorSummary errors={errors} title="That did not work" />
      <form method="post" action="/codec">
        <Field name="key" label="API key" type="password" value="" errors={errors} autocomplete="off" />
        <button type="submit">Sign in</button>
      </form>
    </Layout>
  );
}

export function SignedInPage({ keyName, endpoint, webUi }: { keyName: string; endpoint: string; webUi: string }) {
  return (
    <Layout title="Read encrypted tickets">
      <h1>Read encrypted tickets</h1>
      <Notice>Signed in with the API key “{keyName}”.</Notice>
      <p>
        Once in each browser, tell the <a href={webUi}>Web UI</a>, by the glasses in its upper right corner:
      </p>
      <ul>
        <li>
          Codec Server browser endpoint: <code>{endpoint}</code>
        </li>
        <li>Include cross-origin credentials: on</li>
      </ul>
      <p>Then press Apply.</p>
      <form method="post" action="/codec">
        <input type="hidden" name="act" value="out" />
        <button type="submit">Sign out</button>
      </form>
    </Layout>
  );
}
