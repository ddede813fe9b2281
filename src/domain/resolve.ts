/** A help article that the search found for a ticket. */
export interface HelpMatch {
  readonly articleId: string;
  readonly title: string;
  /** 0 to 1: how sure the bot is that this article answers the question. */
  readonly confidence: number;
}

/** At or above this the bot answers by itself; below it a person does. */
export const SURE_ENOUGH = 0.5;

export function isSure(match: HelpMatch): boolean {
  return match.confidence >= SURE_ENOUGH;
}
