import { type Command, Option } from 'commander';
import { WEBHOOK_STATUSES } from '../domain/webhook.ts';
import { command, time, wholeNumber } from './command.ts';
import type { Context, JsonOption } from './context.ts';
import type { MessagesOptions, RedeliverOptions } from './webhook.ts';

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
