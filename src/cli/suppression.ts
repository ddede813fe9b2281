import { StewardError } from '../domain/errors.ts';
import { whoOf } from '../domain/person.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable, sayTime } from './say.ts';

/** @throws StewardError CustomerUnknown */
export async function listSuppressions(context: Context, who: string | undefined, options: JsonOption): Promise<void> {
  const { privacy } = await context.operator();
  const found = await privacy.suppressions.list(who === undefined ? undefined : whoOf(who));
  if (options.json) return sayJson(context, found);
  if (found.length === 0) return context.out('Mail goes to everybody.\n');
  const rows = found.map(({ customerId, reason, since }) => [customerId, WORDS[reason], sayTime(since.toISOString())]);
  context.out(`${sayTable([['CUSTOMER', 'WHY', 'SINCE (UTC)'], ...rows])}\n`);
}

/** @throws StewardError CustomerUnknown; InvalidRequest when mail goes to them already */
export async function liftSuppression(context: Context, who: string, options: JsonOption): Promise<void> {
  const { privacy } = await context.operator();
  const lifted = await privacy.suppressions.lift(whoOf(who));
  if (lifted === 0) {
    throw new StewardError('InvalidRequest', 'mail goes to this customer already; see `npx steward suppression list`');
  }
  if (options.json) return sayJson(context, { lifted });
  context.out('Mail goes to this customer again. What SES keeps on a list of its own it still refuses.\n');
}

const WORDS = { bounced: 'mail came back', complained: 'complained of mail' } as const;
