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
  },
  { error: 'the settings subject and repeat, no others' },
);

/** A template's file: front matter between two lines of `---`, then the text. @throws StewardError InvalidTemplate */
export function readTemplate(name: string, source: string): z.output<typeof Head> & { readonly body: string } {
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
  return { ...checked.data, body };
}

function invalid(name: string, mend: string): StewardError {
  return new StewardError('InvalidTemplate', `template ${name}.liquid: ${mend}`);
}
