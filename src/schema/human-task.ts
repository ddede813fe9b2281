/** What programs say of tasks that people decide. What is asked is judged whole by domain/human-task-asked.ts; here it is described. */
import { z } from 'zod';
import {
  MOST_ACTS,
  MOST_DUE_SECONDS,
  MOST_QUESTION,
  TASK_ACT,
  TASK_ID,
  TASK_KINDS,
} from '../domain/human-task-asked.ts';
import { id, object } from './fields.ts';

const act = z.string({ error: 'a label, such as approve' }).regex(TASK_ACT, { error: 'a label, such as approve' });

const by = id.optional().describe('Who of us; by a key that is an agent’s own it may be left out, and is nobody else.');
export const taskDecision = z.strictObject({ by, act }, object);
export const taskDelegation = z.strictObject({ by, to: id }, object);

export const taskAsked = z.strictObject({
  id: z.string().regex(TASK_ID).optional().describe('The same again under it is asked once.'),
  kind: z.enum(TASK_KINDS).optional(),
  question: z.string().min(1).max(MOST_QUESTION).describe('Words of yours; they name nobody.'),
  audience: z.array(z.string()).min(1).max(50).describe('Ids of agents, `team/NAME`, `admins` or `everybody`.'),
  form: z.array(act).min(1).max(MOST_ACTS).describe('What may be said.'),
  quorum: z.int().min(1).max(50).optional().describe('How many have to say the same.'),
  barred: z.array(z.string()).optional().describe('Who may not decide, though they are of the audience.'),
  requester: z.string().optional().describe('An agent whose request it is: barred, and told what became of it.'),
  dueSeconds: z.int().min(1).max(MOST_DUE_SECONDS).optional(),
  otherwise: act.optional().describe('What counts as said when nobody has decided by then.'),
  ticketId: z.string().optional(),
});
