import type { PlacedHold, PrivacyDesk } from '../compose-privacy.ts';
import { endOfDate } from '../domain/calendar.ts';
import type { Hold } from '../domain/erase-facts.ts';
import { StewardError } from '../domain/errors.ts';
import { whoOf } from '../domain/person.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable, sayTime } from './say.ts';
import { byArgument } from './who.ts';
import { whyOf } from './why.ts';

export interface HoldOptions extends JsonOption {
  readonly by: string;
  readonly why: string;
  readonly category: Hold['category'];
  readonly until?: string;
}
export interface HoldListOptions extends JsonOption {
  readonly lifted?: boolean;
}

/** @throws StewardError InvalidRequest, CustomerUnknown */
export async function placeHold(context: Context, who: string, options: HoldOptions): Promise<void> {
  const { privacy } = await context.operator();
  await assertOfficer(privacy, options.by);
  const why = whyOf(options.why);
  const by = await privacy.identify(options.by);
  const until = options.until === undefined ? null : await lastInstant(privacy, options.until, context.now());
  const hold = { category: options.category, why, until };
  const placed = await byArgument('CUSTOMER', privacy.holds.place(whoOf(who), hold, by)).catch((error: unknown) => {
    throw error instanceof StewardError ? inWordsOfOptions(error) : error;
  });
  if (options.json) return sayJson(context, placed);
  context.out(`${sayHolds(placed)}\n\nNothing of it is erased until: npx steward hold lift ID --by OFFICER\n`);
}

/** @throws StewardError InvalidRequest when there is none of this id that stands */
export async function liftHold(context: Context, id: string, options: Pick<HoldOptions, 'by' | 'json'>): Promise<void> {
  const { privacy } = await context.operator();
  await assertOfficer(privacy, options.by);
  if (!(await privacy.holds.lift(id, await privacy.identify(options.by)))) {
    throw new StewardError('InvalidRequest', `no hold ${id} that is not lifted already; see \`npx steward hold list\``);
  }
  if (options.json) return sayJson(context, { id, lifted: true });
  context.out(`Hold ${id} is lifted: retention and erasures take what it kept.\n`);
}

/** Names the option in the place of the field. */
function inWordsOfOptions(error: StewardError): StewardError {
  return new StewardError(error.code, error.message.replace(/^why: /, '--why: '), { cause: error });
}

const MOST_LOGGED = 100;

/** Whoever looks is logged first, by which holds: their ids are random. @throws StewardError CustomerUnknown */
export async function listHolds(context: Context, who: string | undefined, options: HoldListOptions): Promise<void> {
  const { privacy } = await context.operator();
  const asked = who === undefined ? {} : { who: whoOf(who) };
  const found = await byArgument('CUSTOMER', privacy.holds.list({ ...asked, lifted: options.lifted ?? false }));
  const ids = found.slice(0, MOST_LOGGED).map(({ id }) => id);
  await privacy.looked('hold.listed', { of: who === undefined ? 'all' : 'one', entries: found.length, holds: ids });
  if (options.json) return sayJson(context, found);
  context.out(found.length === 0 ? 'Nothing is held.\n' : `${sayHolds(found)}\n`);
}

function sayHolds(holds: readonly PlacedHold[]): string {
  const rows = holds.map((hold) => [
    hold.id,
    hold.customerId,
    hold.category,
    hold.liftedAt
      ? `lifted ${sayTime(hold.liftedAt.toISOString())}`
      : hold.until === null
        ? 'until lifted'
        : sayTime(hold.until),
    hold.placedBy,
    hold.why,
  ]);
  return sayTable([['ID', 'CUSTOMER', 'OF', 'UNTIL (UTC)', 'BY', 'WHY'], ...rows]);
}

async function assertOfficer({ policy }: PrivacyDesk, id: string): Promise<void> {
  const ids = (await policy()).officers.map((officer) => officer.id);
  if (ids.includes(id)) return;
  throw new StewardError(
    'InvalidRequest',
    `--by: no officer "${id}" in policies/privacy.yaml; there are: ${ids.join(', ')}`,
  );
}

async function lastInstant({ policy }: PrivacyDesk, date: string, now: number): Promise<string> {
  const { timeZone } = (await policy()).controller;
  const day = new Date(`${date}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date)) {
    throw new StewardError('InvalidRequest', '--until: expected a day such as 2027-06-30');
  }
  const end = endOfDate(date, timeZone);
  if (end.getTime() > now) return end.toISOString();
  throw new StewardError('InvalidRequest', '--until: expected a day that is not over yet');
}
