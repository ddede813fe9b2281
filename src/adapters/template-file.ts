import { parse } from 'yaml';
import { z } from 'zod';
import { StewardError, sayProblems } from '../domain/errors.ts';
import { check } from '../schema/problems.ts';

const FRONT_MATTER = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/;

const Head = z.strictObject(
  {
    subject: z.string({ error: 'text' }).regex(/\S/, { error: 'the subject of the mail' }),
    repeat: z.enum(['at-least-once', 'ask'], {
      error: '"at-least-once" (a second copy does no harm) or "ask" (a person decides)',
    }),
    urgent: z.boolean({ error: 'true where one of us has to see it at once, else false' }).default(true),
  },
  { error: 'the settings subject, repeat and urgent, no others' },
);

export type TemplateFile = z.output<typeof Head> & {
  readonly body: string;
  /** How many lines of the file are before each part. */
  readonly before: { readonly subject: number; readonly body: number };
};

/** A template's file: front matter between two lines of `---`, then the text. @throws StewardError InvalidTemplate */
export function readTemplate(name: string, source: string): TemplateFile {
  const [, head, body] = FRONT_MATTER.exec(source) ?? [];
  if (head === undefined || body === undefined || body.trim() === '') {
    throw invalid(name, 'begin with "---", subject: and repeat:, "---", then the text');
  }
  let settings: unknown;
  try {
    settings = parse(head);
  } catch {
    throw invalid(name, 'the lines between "---" are not YAML; put the subject in quotes');
  }
  const checked = check(Head, settings);
  if ('problems' in checked) throw invalid(name, sayProblems(checked.problems));
  const lines = source.slice(0, source.length - body.length).split('\n');
  const subject = lines.findIndex((line) => line.startsWith('subject:'));
  return { ...checked.data, body, before: { subject: Math.max(0, subject), body: lines.length - 1 } };
}

function invalid(name: string, mend: string): StewardError {
  return new StewardError('InvalidTemplate', `template ${name}.liquid: ${mend}`);
}
