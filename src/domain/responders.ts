/** Who of those that a level of the escalation path names is there. */
import { addWorking, type Hours, isOpenAt } from './hours.ts';
import type { Called, Callee, Level } from './path.ts';
import { onCallAt, type Rota } from './rota.ts';

export interface Responder {
  readonly id: string;
  readonly onDuty: boolean;
  readonly teams: readonly string[];
  /** On their own clocks. */
  readonly hours: Hours;
}
export interface Callable {
  readonly agents: readonly Responder[];
  readonly admins: readonly string[];
  readonly rotas: Readonly<Record<string, Rota>>;
}

/**
 * Each once, in the order in which the level names them. Who is off duty is not there, but for the one whose turn it is on a rota, which
 * says itself who is on call; admins who are no agents always are. With nobody there: when the first of them begins work. `at`: epoch ms.
 */
export function respondersOf(
  level: Pick<Level, 'call' | 'hours'>,
  { agents, admins, rotas }: Callable,
  assigneeId: string | null,
  at: number,
): Called {
  const find = (id: string) => agents.find((agent) => agent.id === id);
  const named = level.call.flatMap((callee) => idsOf(callee, { agents, admins, rotas }, assigneeId, at));
  const reachable = named.filter(({ id, kind }) => kind !== 'onDuty' || find(id)?.onDuty === true);
  const ids = [...new Set(reachable.map(({ id }) => id))];
  const hoursOf = (id: string): Hours => (level.hours === 'own' ? (find(id)?.hours ?? 'always') : 'always');
  const there = ids.filter((id) => isOpenAt(at, hoursOf(id)));
  if (there.length > 0) return { called: there, opensAt: null };
  // The beginning of the first working moment from now on.
  const opens = ids.map((id) => addWorking(at, 1, hoursOf(id)) - 1);
  return { called: [], opensAt: opens.length > 0 ? Math.min(...opens) : null };
}

/**
 * Where nobody is there and nobody's hours tell when somebody will be (they are off duty, or the ticket is nobody's yet), a level that waits
 * looks again after its wait: epoch ms. Else null.
 */
export function lookAgainAt(
  level: Partial<Pick<Level, 'nobody' | 'waitMs'>>,
  found: Called,
  at: number,
): number | null {
  const isUnknown = found.called.length === 0 && found.opensAt === null;
  return isUnknown && level.nobody === 'wait' && level.waitMs !== undefined ? at + level.waitMs : null;
}

function idsOf(
  callee: Callee,
  { agents, admins, rotas }: Callable,
  assigneeId: string | null,
  at: number,
): { id: string; kind: 'onDuty' | 'anyway' }[] {
  switch (callee.kind) {
    case 'assignee':
      return assigneeId === null ? [] : [{ id: assigneeId, kind: 'onDuty' }];
    case 'agent':
      return [{ id: callee.id, kind: 'onDuty' }];
    case 'team':
      return agents.filter(({ teams }) => teams.includes(callee.id)).map(({ id }) => ({ id, kind: 'onDuty' }));
    case 'admins':
      return admins.map((id) => ({ id, kind: 'anyway' }));
    case 'rota': {
      const rota = rotas[callee.id];
      const id = rota && onCallAt(rota, at);
      return id === undefined ? [] : [{ id, kind: 'anyway' }];
    }
  }
}
