/**
 * Who a request acts as. A key that is an agent's own acts as that agent alone; one that speaks for many, as a support platform's does, is
 * believed about whom it passes on.
 */
import { ownKeyVia } from '../domain/human-task.ts';
import type { FollowUp } from '../schema/followUp.ts';
import type { AdmittedKey, GatewayDeps } from './deps.ts';
import { Refusal } from './refusal.ts';

type Parts = Pick<GatewayDeps, 'nameOf'>;
/** What names whom it acts as: a field of the body, or the path. */
interface Named {
  readonly field: string;
  /** As the request has it; null: it leaves that out. */
  readonly agent: string | null | undefined;
}

/** @returns null: a key that speaks for many names nobody. @throws Refusal 403: the key is somebody else's, or its agent has left the team */
export function actingAs({ nameOf }: Parts, { agent: own }: AdmittedKey, { field, agent }: Named): string | null {
  if (own === null) return agent ?? null;
  if (nameOf(own) === undefined) {
    throw new Refusal(
      403,
      'AgentGone',
      `This key is the own one of ${own}, who is nobody of policies/team.yaml any more: nothing is done by it. "steward key revoke" turns it away for good.`,
    );
  }
  if (agent == null || agent === own) return own;
  const message = `this key is ${own}'s own and acts as nobody else: only "${own}" can stand here. Who acts as ${agent} shows ${agent}'s own key ("steward key create NAME --agent ${agent}" makes one)`;
  throw new Refusal(403, 'AgentForeign', `${field}: ${message}.`, { problems: [{ field, message }] });
}

/** The same where somebody has to act. @throws Refusal 403, 422 */
export function mustActAs(parts: Parts, key: AdmittedKey, named: Named): string {
  const agent = actingAs(parts, key, named);
  if (agent !== null) return agent;
  const { field } = named;
  const message = "an agent's id; only a key that is an agent's own may leave it out";
  throw new Refusal(422, 'InvalidRequest', `${field}: ${message}.`, { problems: [{ field, message }] });
}

/** By which way it came, as the audit log has it and the rule of decisions judges it. */
export function viaKey({ id, agent }: AdmittedKey): string {
  return agent === null ? `key/${id}` : ownKeyVia(id);
}

/** What an agent did at a ticket, by whoever shows this key; what customers did is passed on by any. @throws Refusal 403 */
export function followUpBy(parts: Parts, key: AdmittedKey, followUp: FollowUp, field = 'detail.agentId'): FollowUp {
  const { said } = followUp;
  if (said.type !== 'agentReplied' && said.type !== 'claimed' && said.type !== 'resolved') return followUp;
  const agentId = actingAs(parts, key, { field, agent: said.agentId });
  const by = { ...followUp, via: viaKey(key) };
  return agentId === null ? by : { ...by, said: { ...said, agentId } };
}

/** An event in which an agent says or takes something and is not named, with the name of whose own key it came by. */
export function namingAgent(value: unknown, agent: string): unknown {
  if (typeof value !== 'object' || value === null || !('detail' in value)) return value;
  const { detail } = value;
  if (typeof detail !== 'object' || detail === null) return value;
  const isClaim = 'detail-type' in value && value['detail-type'] === 'ticket.claimed';
  const isAgents = isClaim || ('by' in detail && detail.by === 'agent');
  if (!isAgents || ('agentId' in detail && detail.agentId != null)) return value;
  return { ...value, detail: { ...detail, agentId: agent } };
}
