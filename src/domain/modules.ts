import type { Problem } from './errors.ts';
import { checkHttpCall } from './http-call.ts';
import { checkAsking } from './human-task-asked.ts';
import { checkNotification } from './notify.ts';

/** What a flow's Task states can call. */
export const MODULES = [
  'analyzeTicket',
  'resolveWithBot',
  'escalateToAgent',
  'sendWelcomeEmail',
  'notify',
  'askPeople',
  'waitForSignal',
  'http',
] as const;
export type ModuleName = (typeof MODULES)[number];

/** Further names of modules, as flows may write them. */
export const FURTHER_NAMES: Readonly<Record<string, ModuleName>> = { humanTask: 'askPeople' };

/** Of them, those that work without a ticket. */
export const WITHOUT_TICKET: readonly ModuleName[] = ['notify', 'askPeople', 'waitForSignal', 'http'];

/** Of these, those that do the same for a ticket without it: whom a ticket tells and asks something stands on its timeline. */
export const APART_FROM_TICKET = WITHOUT_TICKET.filter((name) => name !== 'notify' && name !== 'askPeople');

/** Those that can be called with a token, which they give to somebody: to whoever asks the workflow for it, or in a request. */
export const WITH_TOKEN: readonly ModuleName[] = ['waitForSignal', 'http'];
/** Of them, those that do nothing else. */
export const ONLY_WITH_TOKEN: readonly ModuleName[] = ['waitForSignal'];

/** The module that gathers facts; its result replaces `$`. */
export const ANALYZE: ModuleName = 'analyzeTicket';

/** Modules that live by their Task's Parameters, and what is wrong with those; `later` are known only when the flow gets there. */
export const PARAMETERS: Readonly<Record<string, (given: unknown, later: readonly string[]) => Problem[]>> = {
  askPeople: (given, later) => checkAsking(given, { later }),
  http: (given, later) => checkHttpCall(given, { later }),
  notify: (given, later) => checkNotification(given, { later }),
};
/** Of them, those that wait for people: a Task's time is none of theirs. */
export const UNTIMED: readonly ModuleName[] = ['askPeople'];
