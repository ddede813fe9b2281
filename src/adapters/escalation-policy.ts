import type { EscalationPath, PathRules } from '../domain/path.ts';
import type { Rota } from '../domain/rota.ts';
import { instantAt } from '../domain/zone.ts';
import {
  type EscalationPolicyFile,
  escalationContradictions,
  escalationPolicy,
  type KnownPeople,
} from '../schema/escalation-policy.ts';
import { readCalendars } from './calendars.ts';
import { inOrder, judgePolicyFile } from './policy-file.ts';
import { versionOf } from './version.ts';

/** Whom to call, from its file. */
export interface Escalation {
  readonly rules: PathRules;
  /** Who takes turns is looked up when somebody is called: a ticket does not keep it. */
  readonly rotas: Readonly<Record<string, Rota>>;
}

/** @throws StewardError InvalidPolicy naming the file, the line, the field and the mend. */
export async function readEscalation(path: string, known: KnownPeople, now: Date): Promise<Escalation> {
  const judged = await judgePolicyFile(path, escalationPolicy, (policy, isSound) =>
    escalationContradictions(policy, known, isSound),
  );
  const { calendars, problems } = await readCalendars(path, judged.policy?.calendars ?? {}, now);
  const file = inOrder(judged, problems);
  const content = { calendars, paths: file.paths.map(pathOf) };
  const version = versionOf(JSON.stringify(content));
  const rotas = Object.entries(file.rotas).map(([name, rota]) => [name, rotaOf(rota)]);
  return { rules: { version, ...content }, rotas: Object.fromEntries(rotas) };
}

function pathOf(given: EscalationPolicyFile['paths'][number]): EscalationPath {
  const { name, when, first, lease, levels, pagerDuty, pageRepeat } = given;
  const conditions = Object.fromEntries(Object.entries(when).filter(([, value]) => value !== undefined));
  return {
    name,
    when: conditions,
    firstMs: first,
    leaseMs: lease,
    levels: levels.map(({ wait, ...level }) => ({ ...level, waitMs: wait })),
    page: pagerDuty ?? null,
    ...(pagerDuty ? { pageRepeat } : {}),
  };
}

function rotaOf({ timeZone, from, turn, agents, instead }: EscalationPolicyFile['rotas'][string]): Rota {
  const at = ({ day, minutes }: { day: number; minutes: number }) => instantAt(day, minutes, timeZone);
  const others = instead.map(({ agent, ...span }) => ({ agent, from: at(span.from), until: at(span.until) }));
  return { timeZone, from, days: turn, agents, instead: others };
}
