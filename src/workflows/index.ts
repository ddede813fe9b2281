export { eraseCustomer } from './erase.ts';
export { supportTicket } from './ticket.ts';
