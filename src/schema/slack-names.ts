/** The names by which we know our own messages and forms again when Slack calls. */
import { FORM_ENDS, type FormEnd } from '../domain/ask.ts';

export interface SlackPlace {
  readonly ticketId: string;
  readonly round: number;
}

/** What a click tells of its message, beside its signature: the ticket and the round, nothing of the customer's. */
export function placeOf({ ticketId, round }: SlackPlace): string {
  return `steward|${ticketId}|${round}`;
}

/** Of a block: another one for each look of a message, or Slack keeps what was chosen in it before. */
export function blockOf(place: SlackPlace, look: string): string {
  return `${placeOf(place)}|${look}`;
}

export function placeIn(text: string): SlackPlace | null {
  const [, ticketId, round] =
    /^steward\|([A-Za-z0-9][A-Za-z0-9._:-]{0,99})\|([1-9]\d{0,5})(?:\|\w{1,20})?$/.exec(text) ?? [];
  return ticketId === undefined ? null : { ticketId, round: Number(round) };
}

/** What a button of a task tells. */
export interface TaskPlace {
  readonly taskId: string;
  readonly act: string;
}
export function taskValueOf({ taskId, act }: TaskPlace): string {
  return `steward-task|${taskId}|${act}`;
}
export function taskBlockOf(taskId: string): string {
  return `steward-task|${taskId}`;
}
export function taskIn(text: string): TaskPlace | null {
  const [, taskId, act] =
    /^steward-task\|([A-Za-z0-9][A-Za-z0-9_-]{0,39})\|([A-Za-z][A-Za-z0-9_-]{0,39})$/.exec(text) ?? [];
  return taskId === undefined || act === undefined ? null : { taskId, act };
}

/** The form that "Resolve" opens, and its two fields, each a block with one element of the same name. */
export const FORM = 'steward_resolve';
export const FORM_END = 'end';
export const FORM_WORDS = 'words';
/** Slack's limit of a text field. */
export const MOST_WORDS = 3_000;

export function isFormEnd(text: unknown): text is FormEnd {
  return (FORM_ENDS as readonly unknown[]).includes(text);
}

/** What a form keeps of the click that opened it. */
export interface FormMemory extends SlackPlace {
  readonly answerUrl: string | null;
}

export function keepInForm(memory: FormMemory): string {
  return JSON.stringify([placeOf(memory), memory.answerUrl]);
}

export function keptInForm(text: string): FormMemory | null {
  try {
    const [place, answerUrl] = JSON.parse(text) as unknown[];
    const found = typeof place === 'string' ? placeIn(place) : null;
    return found && { ...found, answerUrl: typeof answerUrl === 'string' ? answerUrl : null };
  } catch {
    return null;
  }
}
