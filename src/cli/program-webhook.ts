import { type Command, Option } from 'commander';
import { WEBHOOK_STATUSES } from '../domain/webhook.ts';
import { command, time, wholeNumber } from './command.ts';
import type { Context, JsonOption } from './context.ts';
import type { IncidentsOptions } from './incident.ts';
import type { TryOptions } from './source.ts';
import type { MessagesOptions, RedeliverOptions } from './webhook.ts';

/** How events of other platforms become ours. */
export function addSources(program: Command, context: Context, fail: () => void): void {
  const source = program
    .command('source')
    .description("how other platforms' events become ours; needs no running Steward");
  command(source, 'check', 'everything that is wrong with them, judged as at a start')
    .argument('<file...>', 'such as sources/zendesk.yaml')
    .action(async (files: string[], options: JsonOption) => {
      const { ok } = await (await import('./source.ts')).checkSources(context, files, options);
      if (!ok) fail();
    });
  command(source, 'try', 'show what becomes of an event; nothing is sent')
    .argument('<file>', 'such as sources/zendesk.yaml')
    .argument('<event>', 'the event as JSON; - reads standard input')
    .option('--header <name=value>', 'as if it had come with this header', collect, [])
    .action(async (file: string, event: string, options: TryOptions) => {
      const { ok } = await (await import('./source.ts')).tryEvent(context, file, event, options);
      if (!ok) fail();
    });
}

function collect(one: string, others: readonly string[]): readonly string[] {
  return [...others, one];
}

/** Who is told of tickets, and how that goes. */
export function addWebhooks(program: Command, context: Context, fail: () => void): void {
  const webhook = program.command('webhook').description('who is told of every change of a ticket, and how that goes');
  command(webhook, 'list', 'endpoints: circuit, what waits, what was given up').action(async (options: JsonOption) =>
    (await import('./webhook.ts')).listWebhooks(context, options),
  );
  command(webhook, 'messages', "an endpoint's messages, the newest first")
    .argument('<endpoint>')
    .addOption(new Option('--status <status>', 'only these').choices(WEBHOOK_STATUSES))
    .option('--limit <n>', 'at most so many', wholeNumber, 50)
    .action(async (endpoint: string, options: MessagesOptions) =>
      (await import('./webhook.ts')).listMessages(context, endpoint, options),
    );
  command(webhook, 'redeliver', 'send again what was sent or given up, under the ids that it had')
    .argument('[message]', 'one message, by its id')
    .option('--endpoint <name>', 'all of this one')
    .option('--since <time>', 'from then on, such as 2026-04-23 or 2026-04-23T10:15:00Z', time)
    .option('--failed', 'only what was given up')
    .option('--preview', 'list them, and do nothing')
    .action(async (message: string | undefined, options: RedeliverOptions) =>
      (await import('./webhook.ts')).redeliver(context, message, options),
    );
  command(webhook, 'test', 'send a message that says only that it is a test, and wait for the answer')
    .argument('<endpoint>')
    .action(async (endpoint: string, options: JsonOption) => {
      const { ok } = await (await import('./webhook.ts')).testWebhook(context, endpoint, options);
      if (!ok) fail();
    });
  command(webhook, 'enable', 'tell an endpoint again whose receiver said that it was gone')
    .argument('<endpoint>')
    .action(async (endpoint: string, options: JsonOption) =>
      (await import('./webhook.ts')).enableWebhook(context, endpoint, options),
    );
}

/** Mails that were not taken. */
export function addMails(program: Command, context: Context): void {
  const mail = program.command('mail').description('mails that came in and were not taken');
  command(mail, 'list', 'the newest first: why, and since when').action(async (options: JsonOption) =>
    (await import('./mail.ts')).listMails(context, options),
  );
}

/** Providers that fail, and what is done about it. */
export function addIncidents(program: Command, context: Context): void {
  const incident = program.command('incident').description('providers that failed, and what was done about it');
  command(incident, 'list', 'the newest first')
    .option('--limit <n>', 'at most so many', wholeNumber, 50)
    .action(async (options: IncidentsOptions) => (await import('./incident.ts')).listIncidents(context, options));
  command(incident, 'show', 'what was done, and whom we told')
    .argument('<incident>')
    .action(async (id: string, options: JsonOption) =>
      (await import('./incident.ts')).showIncident(context, id, options),
    );
  command(incident, 'close', 'end it by hand: the provider is called again at once')
    .argument('<incident>')
    .action(async (id: string, options: JsonOption) =>
      (await import('./incident.ts')).closeIncident(context, id, options),
    );
}
