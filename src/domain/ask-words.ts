/** What our people are told at their messages, in words. Names are looked up by whoever says it. */
import type { Face, Unmet } from './ask.ts';
import { sayTime } from './say-time.ts';
import { STATE_WORDS } from './words.ts';

type Name = (id: string) => string;

/** Undefined: nothing is to be said of it. */
export function sayFace(face: Face, name: Name): string | undefined {
  switch (face.kind) {
    case 'asked':
      return undefined;
    case 'snoozed':
      return `Snoozed by ${name(face.by)} until ${sayTime(face.until)}: nobody is called before`;
    case 'claimed':
      return `Claimed by ${name(face.by)} at ${sayTime(face.at)}`;
    case 'given':
      return `Given to ${name(face.to)} by ${name(face.by)} at ${sayTime(face.at)}`;
    case 'givenBack':
      return `${name(face.by)} is off since ${sayTime(face.at)}: it goes to somebody else`;
    case 'replied':
      return `Answered${byWhom(face.by, name)} at ${sayTime(face.at)}`;
    case 'resolved':
      return `Solved${byWhom(face.by, name)} at ${sayTime(face.at)}`;
    case 'closed':
      return `Closed at ${sayTime(face.at)}`;
  }
}

/** Why nothing was done, and what to do instead. */
export function sayUnmet(unmet: Unmet, ticketId: string, name: Name): string {
  switch (unmet.why) {
    case 'stranger':
      return `Nothing was done with ticket ${ticketId}: your Slack account is nobody's in policies/team.yaml. Ask whoever looks after that file to put your member id (Slack: profile, "Copy member ID") at your entry as "slack".`;
    case 'strangerNamed':
      return `Ticket ${ticketId} stays where it is: whoever you chose is nobody in policies/team.yaml. Choose an agent who is there.`;
    case 'older':
      return `This message about ticket ${ticketId} is out of date: it was asked again since. Use the newest message, or look at it with: npx steward show ${ticketId}`;
    case 'yoursAlready':
      return `You have ticket ${ticketId} already.`;
    case 'nothingToSnooze':
      return `Nobody is being called about ticket ${ticketId}, so there is nothing to snooze.`;
    case 'claimed':
      return `Ticket ${ticketId} is already claimed by ${name(unmet.by)}, at ${sayTime(unmet.at)}. They can give it to you with "Reassign".`;
    case 'over':
      return `Nothing was done with ticket ${ticketId}. ${sayFace(unmet.face, name) ?? 'It is over'}.`;
    case 'unlawful':
      return `Nothing was done: ticket ${ticketId} is ${STATE_WORDS[unmet.state]}.`;
  }
}

function byWhom(by: string | null, name: Name): string {
  return by === null ? '' : ` by ${name(by)}`;
}
