export { supportTicket } from './ticket.ts';
