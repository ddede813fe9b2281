import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Links } from '../deps.ts';
import { replyAddress } from '../domain/message-id.ts';

export interface LinkOptions {
  readonly secret: string;
  /** Where customers reach the gateway. */
  readonly publicUrl: string;
  readonly webUiUrl: string;
  readonly namespace: string;
  /** The address that gets what customers answer; unset: whichever they choose. */
  readonly replyTo?: string | undefined;
}

/**
 * Links to a ticket. The status page's token is the ticket's id and an HMAC of it: nothing is stored, a link can be made again
 * at any time, and nobody without the secret can make one.
 */
export function createLinks(options: LinkOptions): Links & TokensOf {
  const ticket = signed(options.secret, 'status-page');
  const erasure = signed(options.secret, 'erasure-page');
  // Over the ticket as well: a restored database may give a delivery's number once more. 96 bits, in 20 letters that case does not change.
  const replyMac = (ticketId: string, deliveryId: string) => {
    const mac = createHmac('sha256', options.secret).update(`reply:${deliveryId}:${ticketId}`).digest('hex');
    return Buffer.from(
      BigInt(`0x${mac.slice(0, 24)}`)
        .toString(32)
        .padStart(20, '0'),
    );
  };
  const ask = signed(options.secret, 'ask-page');
  const task = signed(options.secret, 'task-page');
  const workflow = (id: string) =>
    `${options.webUiUrl}/namespaces/${encodeURIComponent(options.namespace)}/workflows/${encodeURIComponent(id)}`;
  return {
    workflow,
    statusPage: (ticketId) => `${options.publicUrl}/support/t/${ticket.tokenOf(ticketId)}`,
    erasurePage: (requestId) => `${options.publicUrl}/privacy/r/${erasure.tokenOf(requestId)}`,
    webUi: (ticketId) => workflow(`ticket-${ticketId}`),
    replyTo: (ticketId, deliveryId) =>
      options.replyTo === undefined
        ? undefined
        : replyAddress(options.replyTo, { deliveryId, mac: replyMac(ticketId, deliveryId).toString() }),
    isReplyTo: (ticketId, deliveryId, mac) => {
      const [given, right] = [Buffer.from(mac), replyMac(ticketId, deliveryId)];
      return given.length === right.length && timingSafeEqual(given, right);
    },
    ask: ({ ticketId, round, agentId }) =>
      `${options.publicUrl}/ask/${ask.tokenOf([ticketId, round, agentId].join('!'))}`,
    askOf(token) {
      const id = ask.idOf(token);
      if (id === null) return null;
      // No id of ours has such a sign, and what we have signed is as we wrote it.
      const [ticketId = '', round, agentId = ''] = id.split('!');
      return { ticketId, round: Number(round), agentId };
    },
    task: ({ taskId, agentId }) => `${options.publicUrl}/task/${task.tokenOf([taskId, agentId].join('!'))}`,
    taskOf(token) {
      const [taskId, agentId] = task.idOf(token)?.split('!') ?? [];
      return taskId === undefined || agentId === undefined ? null : { taskId, agentId };
    },
    ticketOf: ticket.idOf,
    erasureOf: erasure.idOf,
  };
}

export interface TokensOf {
  /** The ticket that a token opens, or null. */
  ticketOf(token: string): string | null;
  erasureOf(token: string): string | null;
  /** Did we give out the address with this token, for this message about this ticket? */
  isReplyTo(ticketId: string, deliveryId: string, mac: string): boolean;
  /** What one of us is asked, and who they are; null: we have not signed it. */
  askOf(token: string): { readonly ticketId: string; readonly round: number; readonly agentId: string } | null;
  taskOf(token: string): { readonly taskId: string; readonly agentId: string } | null;
}

/** Tokens of one purpose: what opens a ticket opens no request. */
function signed(secret: string, purpose: string) {
  const mac = (id: string) => createHmac('sha256', secret).update(`${purpose}:${id}`).digest().subarray(0, 18);
  return {
    tokenOf: (id: string) => `${encodeURIComponent(id)}~${mac(id).toString('base64url')}`,
    idOf(token: string): string | null {
      const at = token.lastIndexOf('~');
      if (at < 1) return null;
      const id = token.slice(0, at);
      const given = Buffer.from(token.slice(at + 1), 'base64url');
      const right = mac(id);
      return given.length === right.length && timingSafeEqual(given, right) ? id : null;
    },
  };
}
