/** The form that "Resolve" opens in Slack. What is wrong with it shows at its fields, and nothing of it is lost. */
import type { Clicked } from '../contract.ts';
import { sayUnmet } from '../domain/ask-words.ts';
import { StewardError } from '../domain/errors.ts';
import type { SlackForm } from '../schema/slack-call.ts';
import { FORM, FORM_END, FORM_WORDS, isFormEnd, keptInForm } from '../schema/slack-names.ts';
import { isAway } from './away.ts';
import type { GatewayDeps, SlackDoor } from './deps.ts';

export interface SlackParts extends Pick<GatewayDeps, 'slackCalls' | 'client' | 'log'> {
  readonly slack: SlackDoor;
}

/** As Slack wants it: nothing closes the form. */
export type FormAnswer =
  | Readonly<Record<string, never>>
  | { readonly response_action: 'errors'; readonly errors: Readonly<Record<string, string>> };

export async function submitForm(deps: SlackParts, { user, view }: SlackForm, digest: string): Promise<FormAnswer> {
  const from = view.callback_id === FORM ? keptInForm(view.private_metadata) : null;
  const end = view.state.values[FORM_END]?.[FORM_END]?.selected_option?.value;
  const words = view.state.values[FORM_WORDS]?.[FORM_WORDS]?.value ?? '';
  if (from === null || !isFormEnd(end)) return wrong('Steward does not know this form. Close it, and click again.');
  const { ticketId, round, answerUrl } = from;
  const by = deps.slack.agentOf(user.id);
  if (by === null) return wrong(sayUnmet({ why: 'stranger' }, ticketId, deps.slack.nameOf));
  if (end !== 'solve' && words.trim() === '')
    return wrong('Write something, or choose to solve the ticket without a word.');
  if (words.includes('\u0000')) return wrong('Text without NUL characters, please.');
  const clicked: Clicked = {
    eventId: digest,
    by,
    user: user.id,
    act: end,
    round,
    ...(end === 'solve' ? {} : { message: words }),
    ...(answerUrl === null ? {} : { answerUrl }),
  };
  try {
    await deps.client.tell(ticketId, 'clicked', clicked);
    return {};
  } catch (error) {
    if (error instanceof StewardError && error.code === 'TicketUnknown') return wrong(`Ticket ${ticketId} is closed.`);
    if (isAway(error)) return wrong('Not taken just now. Nothing is lost: send it again a little later.');
    throw error;
  }
}

function wrong(words: string): FormAnswer {
  return { response_action: 'errors', errors: { [FORM_WORDS]: words } };
}
