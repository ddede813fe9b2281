/** The commands of the privacy officer. */
import { type Command, Option } from 'commander';
import { CATEGORIES } from '../domain/privacy-policy.ts';
import { command, wholeNumber } from './command.ts';
import type { ConsentOptions } from './consent.ts';
import type { Context, JsonOption } from './context.ts';
import type { ExportOptions } from './export-person.ts';
import type { HoldListOptions, HoldOptions } from './hold.ts';
import type { RetentionOptions } from './retention.ts';

const WHO = "the customer's address or id";

export function addPrivacy(program: Command, context: Context): void {
  addConsents(program, context);
  addHolds(program, context);
  addSuppressions(program, context);
  command(
    program,
    'retention',
    'take the words out of tickets that have been closed for long; first of all, tell what would go',
  )
    .option('--dry-run', 'only tell (so it is without --apply)')
    .option('--apply', 'do it: start what the night does, tickets whatever retention.daily says')
    .option('--limit <n>', 'tell of at most so many tickets', wholeNumber, 10_000)
    .action(async (options: RetentionOptions) => (await import('./retention.ts')).retention(context, options));
  program
    .command('export-person')
    .description('everything that we hold of a person, as JSON (docs/person-export.schema.json)')
    .argument('[address]', "the customer's address")
    .option('--customer <id>', 'by the id instead')
    .action(async (address: string | undefined, options: ExportOptions) =>
      (await import('./export-person.ts')).exportPerson(context, address, options),
    );
}

function addConsents(program: Command, context: Context): void {
  const consent = program.command('consent').description('what customers agree to, for which purpose');
  command(consent, 'set', 'record that a customer gave or withdrew consent')
    .argument('<customer>', WHO)
    .argument('<purpose>', 'one of those in policies/privacy.yaml')
    .argument('<status>', 'granted or withdrawn')
    .option('--at <time>', 'when it was said, ISO 8601; now unless told')
    .option('--evidence <label>', "what proves it, such as a form's version; no words of the customer")
    .action(async (who: string, purpose: string, status: string, options: ConsentOptions) =>
      (await import('./consent.ts')).setConsent(context, { who, purpose, status }, options),
    );
  command(consent, 'show', 'what holds now, and everything that was said')
    .argument('<customer>', WHO)
    .action(async (who: string, options: JsonOption) =>
      (await import('./consent.ts')).showConsent(context, who, options),
    );
}

function addHolds(program: Command, context: Context): void {
  const hold = program.command('hold').description('what must not be destroyed for now, as for a lawsuit');
  const by = 'who does so: a privacy officer of policies/privacy.yaml';
  command(hold, 'place', 'forbid erasure')
    .argument('<customer>', WHO)
    .requiredOption('--why <words>', 'the customer is told; it is kept, so it names nobody')
    .requiredOption('--by <officer>', by)
    .addOption(new Option('--category <category>', 'of what').choices([...CATEGORIES, 'all']).default('all'))
    .option('--until <date>', 'the last day, such as 2027-06-30; else until it is lifted')
    .action(async (who: string, options: HoldOptions) => (await import('./hold.ts')).placeHold(context, who, options));
  command(hold, 'lift', 'allow it again')
    .argument('<id>')
    .requiredOption('--by <officer>', by)
    .action(async (id: string, options: HoldOptions) => (await import('./hold.ts')).liftHold(context, id, options));
  command(hold, 'list', 'what is held, of one customer or of all')
    .argument('[customer]', WHO)
    .option('--lifted', 'those that are lifted, too')
    .action(async (who: string | undefined, options: HoldListOptions) =>
      (await import('./hold.ts')).listHolds(context, who, options),
    );
}

function addSuppressions(program: Command, context: Context): void {
  const suppression = program
    .command('suppression')
    .description('customers who get no mail: it came back for good, or they complained of it');
  command(suppression, 'list', 'of one customer or of all')
    .argument('[customer]', WHO)
    .action(async (who: string | undefined, options: JsonOption) =>
      (await import('./suppression.ts')).listSuppressions(context, who, options),
    );
  command(suppression, 'lift', 'send mail to them again; what was not sent meanwhile is not sent afterwards')
    .argument('<customer>', WHO)
    .action(async (who: string, options: JsonOption) =>
      (await import('./suppression.ts')).liftSuppression(context, who, options),
    );
}
