export { eraseCustomer } from './erase.ts';
export { monthlyAudit } from './monthly-audit.ts';
export { retention } from './retention.ts';
export { supportTicket } from './ticket.ts';
