/** Who writes, told by the address alone. */
import { randomUUID } from 'node:crypto';
import type { GatewayDeps } from './deps.ts';

/** @param email undefined when mail can't be sent to it: then nobody can be recognised by it either */
export async function customerIdOf(
  { intake, newCustomerId }: Pick<GatewayDeps, 'intake' | 'newCustomerId'>,
  email: string | undefined,
): Promise<string> {
  if (email === undefined) return `CUST-${randomUUID()}`;
  return (await intake.customerByEmail(email))?.id ?? newCustomerId(email);
}
