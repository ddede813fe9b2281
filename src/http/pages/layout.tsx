import type { Child } from 'hono/jsx';

interface LayoutProps {
  readonly title: string;
  /** Problems stand in the title too: it is the first thing a screen reader says. */
  readonly wrong?: boolean;
  readonly children: Child;
}

export function Layout({ title, wrong = false, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="referrer" content="no-referrer" />
        <title>{`${wrong ? 'Problem: ' : ''}${title}`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/support/style.css" />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header>
          <a href="/support">Customer support</a>
        </header>
        <main id="main">{children}</main>
      </body>
    </html>
  );
}

/** A page that says one thing and where to go from here. */
export function MessagePage({
  title,
  text,
  reference,
}: {
  title: string;
  text: string;
  reference?: string | undefined;
}) {
  return (
    <Layout title={title}>
      <h1>{title}</h1>
      <p>{text}</p>
      {reference === undefined ? null : (
        <p>
          Reference: <code>{reference}</code>
        </p>
      )}
      <p>
        <a href="/support">Write to customer support</a>
      </p>
    </Layout>
  );
}
