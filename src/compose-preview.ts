/** What messages look like, composed as they are sent, and sent nowhere. */

import { type ComposeParts, composeMail, composePage, composeSlack } from './activities/compose-message.ts';
import { createLinks } from './adapters/links.ts';
import { composeMime } from './adapters/mime.ts';
import { slackLook } from './adapters/slack-card.ts';
import { readTeam } from './adapters/team.ts';
import { createTemplates, TEMPLATE_NAMES } from './adapters/templates.ts';
import type { Config } from './config.ts';
import type { Links, MessageContext } from './deps.ts';
import type { Delivery, LetterName, RecipientKind, TemplateName } from './domain/delivery.ts';
import { StewardError } from './domain/errors.ts';
import type { Json } from './domain/json.ts';
import {
  EXAMPLE_ANSWER,
  EXAMPLE_CUSTOMER,
  EXAMPLE_TICKET,
  EXAMPLE_WORDS,
  EXAMPLES,
  LETTER_EXAMPLES,
} from './domain/template-examples.ts';
import type { Secret } from './secret.ts';
import { loginOf, openDatabases } from './store/database.ts';
import { type PreviewGround, previewGround } from './store/message-preview.ts';

export interface TemplateLine {
  readonly name: string;
  /** `person`: who asked to be erased; `officer`: who decides about it. */
  readonly to: RecipientKind | 'person or officer';
}

/** What goes out by one channel. */
export interface Look {
  readonly channel: 'mail' | 'slack' | 'pagerduty';
  readonly to: string;
  readonly subject: string | null;
  readonly text: string;
  /** Of Slack: Block Kit. */
  readonly blocks?: Json;
}
export interface Preview {
  readonly template: string;
  readonly ticketId: string | null;
  /** Where the facts beside the ticket's come from: a message that there is, or made-up ones. */
  readonly facts: 'delivery' | 'example';
  readonly looks: readonly Look[];
}

export interface TemplateDesk {
  readonly list: () => readonly TemplateLine[];
  /** @throws StewardError InvalidRequest, InvalidTemplate, TicketUnknown */
  readonly preview: (name: string, ticketId?: string) => Promise<Preview>;
}

const isLetter = (name: string): name is LetterName => name in LETTER_EXAMPLES;

export function composePreviews(config: Config, databaseUrl: () => Promise<Secret>): TemplateDesk {
  return {
    list: () =>
      TEMPLATE_NAMES.map((name) => ({ name, to: isLetter(name) ? ('person or officer' as const) : EXAMPLES[name].to })),

    async preview(given, ticketId) {
      const name = TEMPLATE_NAMES.find((one) => one === given);
      if (name === undefined) {
        const names = TEMPLATE_NAMES.join(', ');
        throw new StewardError('InvalidRequest', `there is no template "${given}"; there are ${names}`);
      }
      const templates = await createTemplates(config.files.templates, [name]);
      if (isLetter(name)) {
        if (ticketId !== undefined) {
          throw new StewardError('InvalidRequest', `template ${name} belongs to no ticket; leave --ticket out`);
        }
        const { subject, text } = await templates.render(name, LETTER_EXAMPLES[name]);
        const look = { channel: 'mail' as const, to: EXAMPLE_CUSTOMER.email, subject, text };
        return { template: name, ticketId: null, facts: 'example', looks: [look] };
      }
      const directory = await readTeam(config.files.team, new Date());
      const ground =
        ticketId === undefined ? EXAMPLE_GROUND : await groundOf(await databaseUrl(), { ticketId, template: name });
      const delivery = ground.delivery ?? exampleDelivery(name, ground, directory.admins);
      const parts = { templates, directory, links: linksOf(config) };
      return {
        template: name,
        ticketId: ticketId ?? null,
        facts: ground.delivery ? 'delivery' : 'example',
        looks: await looksOf(parts, config, delivery, ground.context),
      };
    },
  };
}

async function groundOf(databaseUrl: Secret, what: Parameters<typeof previewGround>[2]): Promise<PreviewGround> {
  const databases = openDatabases({ url: databaseUrl.reveal(), poolSize: 1 });
  try {
    const db = databases.as('steward_officer');
    return await previewGround(db, await loginOf(db), what);
  } finally {
    await databases.close();
  }
}

const EXAMPLE_GROUND: PreviewGround = {
  delivery: null,
  assigneeId: null,
  context: {
    ticket: { ...EXAMPLE_TICKET, dueAt: new Date('2026-04-23T12:15:00Z') },
    customer: EXAMPLE_CUSTOMER,
    text: EXAMPLE_ANSWER,
    customerText: EXAMPLE_WORDS,
    customerNow: [],
    mailIds: [],
  },
};

function exampleDelivery(
  template: TemplateName,
  { context, assigneeId }: PreviewGround,
  admins: readonly string[],
): Delivery {
  const { to, channels, facts } = EXAMPLES[template];
  const ids = { customer: context.customer.id, agent: assigneeId ?? admins[0] ?? '', team: 'pagerduty', contact: '' };
  return {
    id: '0',
    ticketId: context.ticket.id,
    occasion: 'preview',
    recipient: { kind: to, id: ids[to] },
    channel: channels[0] ?? 'mail',
    template,
    facts,
    status: 'queued',
    attempts: 0,
    repeats: 0,
    messageId: null,
    transport: 'outbox',
  };
}

/** One for each channel by which the message may reach its recipient. */
async function looksOf(
  parts: ComposeParts,
  config: Config,
  delivery: Delivery,
  context: MessageContext,
): Promise<readonly Look[]> {
  const agent = delivery.recipient.kind === 'agent' ? parts.directory.agent(delivery.recipient.id) : undefined;
  const looks: Look[] = [];
  for (const channel of EXAMPLES[delivery.template].channels) {
    if ((channel === 'slack' && !agent?.slack) || (channel === 'mail' && agent && agent.email === null)) continue;
    looks.push(await lookBy(parts, config, { ...delivery, channel }, withWords(delivery, context)));
  }
  return looks;
}

async function lookBy(parts: ComposeParts, config: Config, delivery: Delivery, context: MessageContext): Promise<Look> {
  switch (delivery.channel) {
    case 'slack': {
      const hasButtons = config.slack?.callsBack ?? true;
      const message = await composeSlack(parts, delivery, context, hasButtons);
      const { text, blocks } = slackLook(message);
      const json = blocks && (JSON.parse(JSON.stringify(blocks)) as Json);
      return { channel: 'slack', to: message.channel, subject: null, text, ...(json ? { blocks: json } : {}) };
    }
    case 'mail': {
      const mail = await composeMail(parts, delivery, context);
      // What can't be made a mail is no mail: it would fail here too.
      await composeMime(mail, { from: config.mailFrom });
      return { channel: 'mail', to: mail.to.address, subject: mail.subject, text: mail.text };
    }
    case 'pagerduty': {
      const page = await composePage(parts, delivery, context);
      return { channel: 'pagerduty', to: delivery.recipient.id, subject: page.summary, text: page.text };
    }
  }
}

/** Of an answer that is not written yet an example is shown. */
function withWords({ messageId }: Delivery, context: MessageContext): MessageContext {
  return messageId === null && context.text === null ? { ...context, text: EXAMPLE_ANSWER } : context;
}

const SHOWN_TO_NOBODY = '~shown-to-nobody';

/** As they are, but for the part that opens them: a look is no way into a customer's page, nor to decide in an agent's name. */
function linksOf(config: Config): Links {
  const { webUiUrl, namespace } = config.temporal;
  const { publicUrl } = config.gateway;
  const links = createLinks({ secret: '', publicUrl, webUiUrl, namespace });
  const closed = (link: string) => link.replace(/~[^~/]*$/, SHOWN_TO_NOBODY);
  return {
    webUi: links.webUi,
    workflow: links.workflow,
    statusPage: (ticketId) => closed(links.statusPage(ticketId)),
    erasurePage: (requestId) => closed(links.erasurePage(requestId)),
    ask: (asked) => closed(links.ask(asked)),
    task: (asked) => closed(links.task(asked)),
    replyTo: () => config.replyTo,
  };
}
