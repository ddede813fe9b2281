/** What people are told of a task. Names are looked up by whoever says it. */

import type { HumanTask, Outcome, Refused } from './human-task.ts';
import type { TaskEnding } from './human-task-asked.ts';
import { sayTime } from './say-time.ts';

type Name = (id: string) => string;
type Stand = Pick<HumanTask, 'form' | 'said' | 'quorum' | 'dueAt' | 'otherwise' | 'outcome'> & {
  readonly ending: TaskEnding | null;
};

/** What became of it: `decided: approve, by Ben, 2026-11-26 12:04 UTC`; undefined while it is open. */
export function sayEnd({ ending, outcome, otherwise }: Stand, name: Name): string | undefined {
  if (ending === null) return undefined;
  const at = outcome ? `, ${sayTime(outcome.at)}` : '';
  if (ending === 'withdrawn') return 'withdrawn: it need not be decided any more';
  if (ending === 'decided') return `decided: ${outcome?.act ?? ''}, by ${people(outcome, name)}${at}`;
  return otherwise === null ? `not decided in time${at}` : `not decided in time${at}: ${otherwise} counts as said`;
}

/** How it stands, in one line. */
export function sayStand(stand: Stand, name: Name): string {
  return sayEnd(stand, name) ?? [...sayVoices(stand, name), ...sayDue(stand)].join('; ');
}

function sayVoices({ said, quorum }: Stand, name: Name): string[] {
  const voices = said.map(({ by, act }) => `${act} by ${name(by)}`).join(', ');
  const needed = quorum === 1 ? 'one decides' : `${quorum} have to say the same`;
  return voices === '' ? [needed] : [`so far ${voices}`, needed];
}

function sayDue({ dueAt, otherwise }: Stand): string[] {
  if (dueAt === null) return [];
  return [`due ${sayTime(dueAt)}${otherwise === null ? '' : `, else ${otherwise}`}`];
}

/** Why a word does not count, for whoever said it. */
export function sayRefused(why: Refused, taskId: string, stand: Stand, name: Name): string {
  const nothing = `Nothing was done with task ${taskId}`;
  switch (why) {
    case 'late':
      return `${nothing}: ${sayEnd(stand, name) ?? 'its time is over'}.`;
    case 'stranger':
      return `${nothing}: it is asked of others. Somebody who is may give it to you: npx steward task delegate ${taskId}`;
    case 'own':
      return `${nothing}: whose request it is does not decide it, nor does anybody in their place.`;
    case 'twice':
      return `${nothing}: you have spoken, or somebody in your place. ${sayVoices(stand, name).join('; ')}.`;
    case 'unknown':
      return `${nothing}: that can't be said to it. What can: ${stand.form.join(', ')}.`;
    case 'unshown':
      return `${nothing}: it takes more than one person, so who decides has to be shown: in Slack, by the link in their mail, or by an API key of their own. ${OWN_KEY}`;
    case 'self':
      return `${nothing}: you decide it yourself already. Whom it is to go to is somebody else.`;
    case 'asked':
      return `${nothing}: whom it is to go to is asked as well, and would have one voice for two. Give it to somebody who is not.`;
    case 'given':
      return `${nothing}: somebody decides in your place already. You may still decide yourself.`;
  }
}

const OWN_KEY =
  '"steward key create NAME --agent ID" makes one; at the command line STEWARD_AGENT_KEY_FILE names the file that holds it.';

/** Whose Slack account it is nobody knows. */
export function sayNobody(taskId: string): string {
  return `Nothing was done with task ${taskId}: your Slack account is nobody's in policies/team.yaml. Ask whoever looks after that file to put your member id (Slack: profile, "Copy member ID") at your entry as "slack".`;
}

/** Markdown for the Temporal Web UI. */
export function sayTask(
  question: string,
  task: HumanTask & { readonly ending: TaskEnding | null },
  { ticketId, runId }: { readonly ticketId: string | null; readonly runId: string | null },
): string {
  const asked = (task.audience ?? []).filter((id) => !task.barred.includes(id));
  const instead = Object.entries(task.delegates).map(([to, by]) => `${to} decides for ${by}`);
  return [
    `**${question}**`,
    ...(ticketId === null ? [] : [`Ticket ${ticketId}`]),
    ...(runId === null ? [] : [`Run ${runId}`]),
    `Asked: ${asked.join(', ')}${instead.length === 0 ? '' : ` (${instead.join(', ')})`}. They may say ${task.form.join(', ')}.`,
    sayStand(task, (id) => id),
  ].join('\n\n');
}

function people(outcome: Outcome | null, name: Name): string {
  return (outcome?.by ?? []).map(name).join(' and ');
}
