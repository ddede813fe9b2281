import type { Look, Preview } from '../compose-preview.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable } from './say.ts';

export interface PreviewOptions extends JsonOption {
  readonly ticket?: string;
}

export async function listTemplates(context: Context, options: JsonOption): Promise<void> {
  const lines = (await context.templates()).list();
  if (options.json) return sayJson(context, lines);
  const rows = lines.map(({ name, to }) => [name, to]);
  context.out(`${sayTable([['TEMPLATE', 'TO'], ...rows])}\n`);
}

/** A message as it would be sent. @throws StewardError InvalidRequest, InvalidTemplate, TicketUnknown */
export async function previewTemplate(context: Context, name: string, options: PreviewOptions): Promise<void> {
  const preview = await (await context.templates()).preview(name, options.ticket);
  if (options.json) return sayJson(context, preview);
  context.out(`${[sayAbout(preview), ...preview.looks.map(sayLook)].join('\n\n')}\n`);
}

function sayAbout({ template, ticketId, facts }: Preview): string {
  const about = ticketId === null ? 'on example data' : `about ticket ${ticketId}`;
  const made = ticketId !== null && facts === 'example' ? ', which has no such message yet: its facts are made up' : '';
  return `Template ${template} ${about}${made}. Nothing was sent; the part of a link that opens it is left out.`;
}

const CHANNEL_WORDS = { mail: 'Mail', slack: 'Slack message', pagerduty: 'Page' } as const;

function sayLook({ channel, to, subject, text, blocks }: Look): string {
  const head = `--- ${CHANNEL_WORDS[channel]} to ${to}`;
  const blocksOf = blocks === undefined ? [] : [`Blocks (Block Kit):\n${JSON.stringify(blocks, null, 2)}`];
  return [
    head + (subject === null ? '' : `\nSubject: ${subject}`),
    blocks === undefined ? text.trimEnd() : `Notification:\n${text.trimEnd()}`,
    ...blocksOf,
  ].join('\n\n');
}
