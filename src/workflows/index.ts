export { eraseCustomer } from './erase.ts';
export { healProvider } from './heal.ts';
export { humanTask } from './human-task.ts';
export { monthlyAudit } from './monthly-audit.ts';
export { operateParked } from './parked-batch.ts';
export { retention } from './retention.ts';
export { supportTicket } from './ticket.ts';
export { tellWebhooks } from './webhooks.ts';
