import { readFile } from 'node:fs/promises';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type Problem, StewardError } from '../domain/errors.ts';
import { check } from '../schema/problems.ts';

/**
 * A policy from its YAML file; `contradictionsOf` says what is wrong between entries that are each in order.
 * @throws StewardError InvalidPolicy naming the file and, all at once, each line, field and mend.
 */
export async function readPolicyFile<T extends z.ZodType>(
  path: string,
  schema: T,
  contradictionsOf: (policy: z.output<T>) => readonly Problem[],
): Promise<z.output<T>> {
  return (await readPolicyLines(path, schema, contradictionsOf)).policy;
}

/** The same, with the line of each of its fields. */
export async function readPolicyLines<T extends z.ZodType>(
  path: string,
  schema: T,
  contradictionsOf: (policy: z.output<T>) => readonly Problem[],
): Promise<{ readonly policy: z.output<T>; readonly lineOf: (field: string) => number }> {
  const text = await textOf(path);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [fault] = document.errors;
  if (fault) throw new StewardError('InvalidPolicy', `${path}: can't be read as YAML: ${fault.message.split('\n')[0]}`);
  const checked = check(schema, document.toJS());
  const problems = 'problems' in checked ? checked.problems : contradictionsOf(checked.data);
  const line = (field: string) => lineOf(document, lines, field);
  if ('data' in checked && problems.length === 0) return { policy: checked.data, lineOf: line };
  const said = problems.map(({ field, message }) => `line ${line(field)}: ${field}: ${message}`);
  throw new StewardError('InvalidPolicy', `${path}: ${said.join('; ')}`, { problems });
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : '';
    throw new StewardError('InvalidPolicy', `${path}: can't be read: ${why}`);
  }
}

/** The line of the field, or of the nearest thing around it that is there. */
function lineOf(document: Document, lines: LineCounter, field: string): number {
  const path = field.split('.');
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
