/** A help article as its file says it. The bot sends `body` as it stands. */
export interface Article {
  /** The name of its file without `.md`: `invoices`, `invoices.de`. */
  readonly id: string;
  readonly title: string;
  /** ISO 639-1, in small letters: `en`. */
  readonly language: string;
  /** Other names of the matter: they weigh like words of the title. */
  readonly keywords: readonly string[];
  /** Plain-text friendly Markdown. */
  readonly body: string;
}
