import { checkToRead, flowName } from '../compose-flow.ts';
import { ticketWorkflowId } from '../contract.ts';
import { flowWorkflowId } from '../contract-flow.ts';
import { StewardError } from '../domain/errors.ts';
import type { Problem } from '../flow/check.ts';
import { drawFlow } from '../flow/draw.ts';
import { parseFlow } from '../flow/parse.ts';
import { flowSchema } from '../flow/schema.ts';
import { readDefinition } from '../flow-file.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { activeDefinition, isFile } from './flow-versions.ts';
import { sayTable } from './say.ts';

export interface CheckOptions extends JsonOption {
  /** Warnings count as errors. */
  readonly strict?: boolean;
}

interface Checked {
  readonly file: string;
  readonly ok: boolean;
  readonly problems: readonly Problem[];
}

/** Judges flows as a start of Steward does. Answers whether all are in order; what can't be read is a problem of its file. */
export async function checkFlows(
  context: Context,
  files: readonly string[],
  options: CheckOptions,
): Promise<{ readonly ok: boolean }> {
  const checked: Checked[] = [];
  for (const file of files) {
    const problems = await problemsOf(context, file);
    const ok = problems.every((p) => p.severity === 'warning' && !options.strict);
    checked.push({ file, ok, problems });
  }
  if (options.json) sayJson(context, checked);
  else for (const one of checked) context.out(`${sayChecked(one)}\n`);
  return { ok: checked.every((one) => one.ok) };
}

async function problemsOf(context: Context, file: string): Promise<readonly Problem[]> {
  try {
    return checkToRead(readDefinition(await context.readText(file), file));
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    return [{ severity: 'error', path: '$', message: error.message.replace(`${file}: `, '') }];
  }
}

function sayChecked({ file, problems }: Checked): string {
  if (problems.length === 0) return `${file}: in order`;
  const count = (severity: Problem['severity']) => problems.filter((p) => p.severity === severity).length;
  const said = (['error', 'warning'] as const)
    .filter((severity) => count(severity) > 0)
    .map((severity) => `${count(severity)} ${severity}${count(severity) === 1 ? '' : 's'}`);
  const rows = problems.map((p) => [p.severity, p.path, p.message]);
  return `${file}: ${said.join(', ')}\n${sayTable(rows, '  ')}`;
}

export interface DrawOptions extends JsonOption {
  /** Whose way is shown, in the version of the flow that it goes by. */
  readonly ticket?: string;
  /** The same of a run without a ticket. */
  readonly run?: string;
}

/** The flow of a file, or what rules of a name, as a Mermaid flowchart. @throws StewardError InvalidFlow, InvalidRequest, FlowRunUnknown */
export async function draw(context: Context, word: string | undefined, options: DrawOptions): Promise<void> {
  const { ticket, run, json } = options;
  const workflowId =
    ticket !== undefined ? ticketWorkflowId(ticket) : run !== undefined ? flowWorkflowId(run) : undefined;
  if (workflowId === undefined) {
    if (word === undefined)
      throw new StewardError('InvalidRequest', 'flow: expected its name or file, or --ticket or --run');
    const flow = isFile(word)
      ? parseFlow(readDefinition(await context.readText(word), word), word)
      : parseFlow(await activeDefinition(context, word), word, { checked: true });
    const mermaid = drawFlow(flow);
    if (json) return sayJson(context, { ...(isFile(word) ? { file: word } : { flow: word }), mermaid });
    return context.out(mermaid);
  }
  const { definition, ...way } = await (await context.flows()).way(workflowId);
  const name = word === undefined ? way.name : flowName(word);
  if (name !== way.name) {
    throw new StewardError('InvalidRequest', `flow: ${workflowId} goes by the flow ${way.name}, and not by ${name}`);
  }
  const mermaid = drawFlow(parseFlow(definition, way.name, { checked: true }), way);
  if (json) return sayJson(context, { ...way, mermaid });
  context.out(mermaid);
}

/** The JSON Schema of definitions, for editors. */
export function printSchema(context: Context): void {
  sayJson(context, flowSchema());
}
