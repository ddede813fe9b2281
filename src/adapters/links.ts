import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Links } from '../deps.ts';

export interface LinkOptions {
  readonly secret: string;
  /** Where customers reach the gateway. */
  readonly publicUrl: string;
  readonly webUiUrl: string;
  readonly namespace: string;
}

/**
 * Links to a ticket. The status page's token is the ticket's id and an HMAC of it: nothing is stored, a link can be made again
 * at any time, and nobody without the secret can make one.
 */
export function createLinks(options: LinkOptions): Links & { ticketOf(token: string): string | null } {
  const mac = (ticketId: string) =>
    createHmac('sha256', options.secret).update(`status-page:${ticketId}`).digest().subarray(0, 18);
  return {
    statusPage: (ticketId) =>
      `${options.publicUrl}/support/t/${encodeURIComponent(ticketId)}~${mac(ticketId).toString('base64url')}`,
    webUi: (ticketId) =>
      `${options.webUiUrl}/namespaces/${encodeURIComponent(options.namespace)}/workflows/${encodeURIComponent(`ticket-${ticketId}`)}`,
    ticketOf(token) {
      const at = token.lastIndexOf('~');
      if (at < 1) return null;
      const ticketId = token.slice(0, at);
      const given = Buffer.from(token.slice(at + 1), 'base64url');
      const right = mac(ticketId);
      return given.length === right.length && timingSafeEqual(given, right) ? ticketId : null;
    },
  };
}
