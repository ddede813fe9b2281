/** The part of the register of personal data that is of what people are asked to decide. */
import { BY_TICKET, keep, LABEL, OF_RUN, OUR_ID, STAFF, type Table, TICKET_ID, TIME } from './personal-data-parts.ts';

export const HUMAN_TASKS = {
  human_tasks: {
    category: 'ticketFacts',
    reach: { ...BY_TICKET, or: { by: 'key', column: 'workflow_id' } },
    columns: {
      ...keep(OUR_ID, 'id'),
      ...keep(TICKET_ID, 'ticket_id'),
      ...OF_RUN,
      ...keep('what was asked, in words of ours; whoever asks names nobody in it', 'question'),
      ...keep('a state of the flow', 'occasion'),
      ...keep(LABEL, 'kind form quorum otherwise ending outcome'),
      ...keep(STAFF, 'audience barred delegates delegated_at requester asked_by decided_by', 'staff'),
      ...keep(TIME, 'due_at asked_at ended_at'),
    },
  },
  human_task_decisions: {
    category: 'staff',
    reach: null,
    columns: keep('which of us said what to a task', 'task_id agent_id act at via'),
  },
  human_task_messages: {
    category: 'staff',
    reach: null,
    columns: keep(
      'which of us was told of a task',
      'task_id occasion agent_id channel transport status attempts reason provider_message_id updated_at',
    ),
  },
} as const satisfies Readonly<Record<string, Table>>;
