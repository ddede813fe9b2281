import type { IncidentLine } from '../compose-operator.ts';
import { PROVIDER_NAMES, STOP_WORDS } from '../domain/circuit.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayAgo, sayTable, sayTime } from './say.ts';

export interface IncidentsOptions extends JsonOption {
  readonly limit: number;
}

/** Incidents of providers, the newest first. */
export async function listIncidents(context: Context, options: IncidentsOptions): Promise<void> {
  const lines = await (await context.operator()).incidents.list(options.limit);
  if (options.json) return sayJson(context, lines);
  if (lines.length === 0) return context.out('No provider was ever left alone.\n');
  const rows = lines.map((line) => [
    line.id,
    line.provider,
    sayStanding(line, context.now()),
    sayTime(line.openedAt),
    String(line.used),
    line.reason,
  ]);
  context.out(`${sayTable([['INCIDENT', 'PROVIDER', 'STANDING', 'SINCE (UTC)', 'REROUTED', 'WHY'], ...rows])}\n`);
}

function sayStanding({ standing, stopped, probeAt }: IncidentLine, now: number): string {
  if (standing !== 'open') return standing === 'over' ? 'over' : 'back, being made up for';
  const seconds = Math.max(0, Math.ceil((Date.parse(probeAt) - now) / 1000));
  return `open, ${stopped === null ? '' : 'remedy ended, '}probe in ${seconds} s`;
}

/** One incident: what was done, and whom we told. @throws StewardError InvalidRequest */
export async function showIncident(context: Context, id: string, options: JsonOption): Promise<void> {
  const report = await (await context.operator()).incidents.show(id);
  if (options.json) return sayJson(context, report);
  const { provider, openedAt, closedAt, closedBy, reason, used, stopped, probes, lastProbe, waiting, told } = report;
  const ended = stopped === null ? '' : `; it has ended: ${STOP_WORDS[stopped]}`;
  const lines = [
    `Incident ${id}: ${PROVIDER_NAMES[provider]}, ${sayStanding(report, context.now())}`,
    `  opened   ${sayTime(openedAt)} (${sayAgo(openedAt, context.now())}): ${reason}`,
    `  remedy   took the place of ${used} calls${ended}`,
    `  probes   ${probes}${lastProbe === null ? '' : `, the last failed: ${lastProbe}`}`,
    ...(closedAt === null ? [] : [`  closed   ${sayTime(closedAt)} by ${closedBy ?? ''}`]),
    `  tickets  ${waiting} that did without it are still to be looked at`,
    ...told.map(({ occasion, to, channel, status, reason: why }) => {
      return `  told     ${to} of ${occasion} by ${channel}: ${status}${why === null ? '' : ` (${why})`}`;
    }),
  ];
  context.out(`${lines.join('\n')}\n`);
}

/** Ends it by hand. @throws StewardError InvalidRequest */
export async function closeIncident(context: Context, id: string, options: JsonOption): Promise<void> {
  const closed = await (await context.operator()).incidents.close(id);
  if (options.json) return sayJson(context, { incident: id, closed });
  context.out(
    closed
      ? `Incident ${id} is closed: the provider is called again, and the admins are told.\n`
      : `Incident ${id} was closed already.\n`,
  );
}
