import type { AuditFilter, AuditLine, GuardedVerdict } from '../compose-operator.ts';
import { type AuditAction, actionsNear, isAuditAction } from '../domain/audit-actions.ts';
import { StewardError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable, sayTime } from './say.ts';

export interface VerifyOptions extends JsonOption {
  readonly heads?: readonly string[];
  readonly from: number;
  /** Warnings count as errors. */
  readonly strict?: boolean;
}

/** Answers whether the log is whole. Writes nothing: it works on a copy, and for who may only read. */
export async function verify(context: Context, options: VerifyOptions): Promise<{ readonly ok: boolean }> {
  const { audit } = await context.operator();
  const verdict = await audit.verify({ from: options.from, heads: options.heads ?? [] });
  if (options.json) sayJson(context, verdict);
  else context.out(`${sayVerdict(verdict, options.from)}\n`);
  if (!options.json) for (const open of verdict.openGuards) context.out(`The guard of the log is NOT on: ${open}\n`);
  for (const warning of verdict.warnings) context.err(`warning: ${warning}\n`);
  return { ok: verdict.ok && !(options.strict && verdict.warnings.length > 0) };
}

function sayVerdict({ checked, head, firstBad }: GuardedVerdict, from: number): string {
  if (firstBad) {
    const good = head === null ? 'nothing before it is good' : `good up to position ${head.position}`;
    return `The audit log is NOT whole: ${firstBad.message} (${firstBad.kind}; ${good}).`;
  }
  if (head === null) return 'The audit log is empty.';
  const entries = `${checked} ${checked === 1 ? 'entry' : 'entries'}`;
  const where = from === 1 ? '' : ` from position ${from} on`;
  return `The audit log is whole: ${entries}${where}; head ${head.position} ${head.hash}`;
}

export interface ShowOptions extends JsonOption {
  readonly object?: string;
  readonly action?: string;
  readonly actor?: string;
  readonly since?: Date;
  readonly limit: number;
}

/** The newest first. That somebody looked is an entry itself; without it nothing is shown. */
export async function show(context: Context, options: ShowOptions): Promise<void> {
  const { json, action, ...rest } = options;
  const filter: AuditFilter = action === undefined ? rest : { ...rest, action: actionOf(action) };
  const { audit } = await context.operator();
  const lines = await audit.list(filter);
  await audit.note('audit.shown', { filters: namesOf(filter), entries: lines.length });
  if (json) return sayJson(context, lines);
  if (lines.length === 0) return context.out('No such audit entries.\n');
  const rows = lines.map((line) => [
    line.position === null ? '-' : String(line.position),
    sayTime(line.at),
    line.actor.kind === 'workflow' ? line.actor.id : `${line.actor.kind} ${line.actor.id}`,
    line.action,
    line.object,
    [...(line.why === null ? [] : [line.why]), ...sayChange(line)].join('; '),
  ]);
  context.out(`${sayTable([['POSITION', 'AT (UTC)', 'WHO', 'WHAT', 'OF', 'CHANGE'], ...rows])}\n`);
}

/** A filter that fits nothing would look like a log that says nothing. @throws StewardError InvalidRequest */
function actionOf(given: string): AuditAction {
  if (isAuditAction(given)) return given;
  const near = actionsNear(given);
  const mend = near.length === 0 ? '' : `; near it: ${near.join(', ')}`;
  throw new StewardError('InvalidRequest', `--action: the log never says "${given}"${mend}. ${ALL_ACTIONS}`);
}
const ALL_ACTIONS = 'docs/operations.md, "The audit log", has them all';

/** What was asked by, not the words: anything may have been typed there, and the log keeps it for good. */
function namesOf({ limit: _, ...filter }: AuditFilter): string[] {
  return Object.keys(filter).sort();
}

/** `state new -> waitingForAgent`, `assignee ana`. */
function sayChange({ before, after }: Pick<AuditLine, 'before' | 'after'>): string[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const say = (values: JsonObject | null, name: string) => {
    const value = values?.[name];
    return value === undefined || value === null
      ? undefined
      : typeof value === 'string'
        ? value
        : JSON.stringify(value);
  };
  return names.flatMap((name) => {
    const [was, is] = [say(before, name), say(after, name)];
    if (was === undefined) return is === undefined ? [] : [`${name} ${is}`];
    return [`${name} ${was} -> ${is ?? 'none'}`];
  });
}

/** A JSON line each, with position and hashes. That it was taken is an entry itself. */
export async function exportLog(context: Context, options: { readonly from: number }): Promise<void> {
  const { audit } = await context.operator();
  await audit.note('audit.exported', { from: options.from });
  for await (const links of audit.links(options.from)) {
    context.out(links.map((link) => `${JSON.stringify(link)}\n`).join(''));
  }
}
