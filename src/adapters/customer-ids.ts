import { createHmac } from 'node:crypto';

/**
 * The id of a customer who writes for the first time. The same address gives the same id, so that two tickets that come at once meet
 * one row of `customers`; without the secret nobody can tell the address of an id, nor try one out. Whoever holds the secret can:
 * it decides whether these ids are personal data. A pseudonym that is left after an erasure must be random instead (decision 0006).
 */
export function createCustomerIds(secret: string): (email: string) => string {
  return (email) => {
    const mac = createHmac('sha256', secret).update(`customer:${email.toLowerCase()}`).digest('hex');
    return `CUST-${mac.slice(0, 32)}`;
  };
}
