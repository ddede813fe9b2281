import { type Answer, type Asked, json, retryHeader, type StandIn, startStandIn } from './server.ts';
import { wrongInBlocks, wrongInView } from './slack-blocks.ts';

export interface SlackPosted {
  readonly channel: string;
  readonly ts: string;
  text: string;
  blocks?: readonly SlackBlock[];
  /** Of a reply: the message that it stands below. */
  readonly thread_ts?: string;
  /** Of a reply: it is shown in the channel as well. */
  readonly isBroadcast?: boolean;
  readonly metadata?: { readonly event_type: string; readonly event_payload: Readonly<Record<string, unknown>> };
}
export interface SlackBlock {
  readonly type: string;
  readonly block_id?: string;
  readonly text?: { readonly text: string };
  readonly fields?: readonly { readonly text: string }[];
  readonly elements?: readonly SlackElement[];
}
export interface SlackElement {
  readonly type: string;
  readonly action_id?: string;
  readonly value?: string;
  readonly options?: readonly { readonly value: string }[];
}
export interface SlackView {
  readonly trigger: string;
  readonly view: { readonly callback_id: string; readonly private_metadata: string };
}
export interface SlackStandIn extends StandIn {
  /** Base of the methods, as `slackApiUrl` wants it. */
  readonly apiUrl: string;
  readonly token: string;
  /** What was posted, oldest first. */
  readonly messages: SlackPosted[];
  /** Channels that the bot is in. */
  readonly channels: Set<string>;
  /** People, by user id; each has a direct-message channel `D…`. */
  readonly users: Set<string>;
  /** Forms that were opened. */
  readonly views: SlackView[];
  /** What was said to one person alone, at a click's own address. */
  readonly whispers: { readonly address: string; readonly text: string }[];
  /** A trigger for a form: good for one, for three seconds. */
  trigger(): string;
  /** Where a click is answered: good for five answers. */
  answerUrl(): string;
}

export const SLACK_TOKEN = 'xoxb-stand-in';
export const SLACK_SECRET = 'f'.repeat(32);

/** Checks what Slack checks: token, channel, limits of text and blocks, metadata. */
export async function startSlack(
  options: { users?: readonly string[]; channels?: readonly string[] } = {},
): Promise<SlackStandIn> {
  const messages: SlackPosted[] = [];
  const users = new Set(options.users ?? ['U0ANA00001', 'U0BEN00001', 'U0CLARA001']);
  const channels = new Set(options.channels ?? ['C0OPERATE1']);
  const direct = new Map<string, string>();
  const views: SlackView[] = [];
  const whispers: { address: string; text: string }[] = [];
  const triggers = new Map<string, number>();
  const addresses = new Map<string, number>();
  /** In µs; of two messages the second is a second later at least. */
  let clock = 0;
  let count = 0;

  const open = (user: string) => {
    const id = direct.get(user) ?? `D${user.slice(1)}`;
    direct.set(user, id);
    channels.add(id);
    return id;
  };

  function postMessage(args: URLSearchParams): Answer {
    const asked = args.get('channel') ?? '';
    const channel = users.has(asked) ? open(asked) : asked;
    if (!channels.has(channel)) return refused('channel_not_found');
    const text = args.get('text') ?? '';
    const blocks: unknown = JSON.parse(args.get('blocks') ?? '[]');
    if (text === '' && Array.isArray(blocks) && blocks.length === 0) return refused('no_text');
    if (text.length > 40_000) return refused('msg_too_long');
    if (wrongInBlocks(blocks).length > 0) return refused('invalid_blocks');
    const metadata = readMetadata(args.get('metadata'));
    if (metadata === null) return refused('invalid_metadata_format');
    const below = args.get('thread_ts');
    const parent = messages.find((one) => one.channel === channel && one.ts === below);
    if (below !== null && !parent) return refused('thread_not_found');
    // Of a reply Slack takes the thread, and nothing stands below a reply.
    if (parent?.thread_ts !== undefined) return refused('cannot_reply_to_message');
    const thread = below === null ? {} : { thread_ts: below, isBroadcast: args.get('reply_broadcast') === 'true' };
    clock = Math.max(clock + 1_000_000, Date.now() * 1_000);
    const ts = `${Math.floor(clock / 1_000_000)}.${String(clock % 1_000_000).padStart(6, '0')}`;
    messages.push({ channel, ts, text, blocks: blocks as SlackBlock[], ...thread, ...(metadata ? { metadata } : {}) });
    return json(200, { ok: true, channel, ts, message: { type: 'message', text, ts } });
  }

  function history(args: URLSearchParams): Answer {
    const channel = args.get('channel') ?? '';
    if (!channels.has(channel)) return refused('channel_not_found');
    // Replies are in their threads alone, unless they were sent to the channel too.
    const isShown = ({ thread_ts, isBroadcast }: SlackPosted) => thread_ts === undefined || isBroadcast === true;
    const [oldest, latest] = [Number(args.get('oldest') ?? 0), Number(args.get('latest') ?? Number.MAX_SAFE_INTEGER)];
    const isMeant = ({ ts }: SlackPosted) => Number(ts) > oldest && Number(ts) < latest;
    const all = messages.filter((one) => one.channel === channel && isShown(one) && isMeant(one)).reverse();
    return pageOf(all, args);
  }

  function replies(args: URLSearchParams): Answer {
    const [channel, ts] = [args.get('channel') ?? '', args.get('ts') ?? ''];
    if (!channels.has(channel)) return refused('channel_not_found');
    const there = messages.filter((one) => one.channel === channel && (one.ts === ts || one.thread_ts === ts));
    return there.some((one) => one.ts === ts) ? pageOf(there, args) : refused('thread_not_found');
  }

  function pageOf(all: readonly SlackPosted[], args: URLSearchParams): Answer {
    const limit = Math.min(Number(args.get('limit') ?? 100), 999);
    const from = Number(args.get('cursor') ?? 0);
    const withMetadata = args.get('include_all_metadata') === 'true';
    const page = all.slice(from, from + limit).map(({ ts, text, metadata }) => ({
      type: 'message',
      ts,
      text,
      ...(withMetadata && metadata ? { metadata } : {}),
    }));
    const more = from + limit < all.length;
    const next = more ? { response_metadata: { next_cursor: String(from + limit) } } : {};
    return json(200, { ok: true, messages: page, has_more: more, ...next });
  }

  function updateMessage(args: URLSearchParams): Answer {
    const channel = args.get('channel') ?? '';
    if (!channels.has(channel)) return refused('channel_not_found');
    const message = messages.find((one) => one.channel === channel && one.ts === args.get('ts'));
    if (!message) return refused('message_not_found');
    const blocks: unknown = JSON.parse(args.get('blocks') ?? '[]');
    if (wrongInBlocks(blocks).length > 0) return refused('invalid_blocks');
    Object.assign(message, { text: args.get('text') ?? message.text, blocks });
    return json(200, { ok: true, channel, ts: message.ts, text: message.text });
  }

  function openView(args: URLSearchParams): Answer {
    const trigger = args.get('trigger_id') ?? '';
    const until = triggers.get(trigger);
    if (until === undefined) return refused('invalid_trigger_id');
    triggers.delete(trigger);
    if (Date.now() > until) return refused('expired_trigger_id');
    const view: unknown = JSON.parse(args.get('view') ?? 'null');
    if (wrongInView(view).length > 0) return refused('invalid_arguments');
    views.push({ trigger, view: view as SlackView['view'] });
    return json(200, { ok: true, view });
  }

  function whisper({ path, headers, body }: Asked): Answer {
    const left = addresses.get(path) ?? 0;
    if (left === 0) return { status: 404, body: 'expired_url' };
    if (!String(headers['content-type']).startsWith('application/json'))
      return { status: 400, body: 'invalid_payload' };
    const { response_type, text } = JSON.parse(body) as { response_type?: string; text?: string };
    if (response_type !== 'ephemeral' || !text) return { status: 500, body: 'no_text' };
    addresses.set(path, left - 1);
    whispers.push({ address: path, text });
    return { status: 200, body: 'ok' };
  }

  function deleteMessage(args: URLSearchParams): Answer {
    const channel = args.get('channel') ?? '';
    if (!channels.has(channel)) return refused('channel_not_found');
    const at = messages.findIndex((message) => message.channel === channel && message.ts === args.get('ts'));
    if (at < 0) return refused('message_not_found');
    // Where something stands below it, a message that is deleted leaves its place.
    if (messages.some((one) => one.channel === channel && one.thread_ts === args.get('ts'))) {
      messages[at] = { channel, ts: args.get('ts') ?? '', text: 'This message was deleted.' };
    } else messages.splice(at, 1);
    return json(200, { ok: true, channel, ts: args.get('ts') });
  }

  function work(asked: Asked): Answer {
    const { headers, body, action, method } = asked;
    if (method !== 'POST') return json(404, {});
    if (action === 'answer') return whisper(asked);
    if (headers.authorization !== `Bearer ${SLACK_TOKEN}`) return refused('invalid_auth');
    const args = new URLSearchParams(body);
    if (action === 'auth.test') return json(200, { ok: true, user_id: 'U0STEWARD1', team_id: 'T0STEWARD1' });
    if (action === 'chat.postMessage') return postMessage(args);
    if (action === 'conversations.history') return history(args);
    if (action === 'conversations.replies') return replies(args);
    if (action === 'chat.delete') return deleteMessage(args);
    if (action === 'chat.update') return updateMessage(args);
    if (action === 'views.open') return openView(args);
    if (action !== 'conversations.open') return refused('unknown_method');
    const user = args.get('users') ?? '';
    return users.has(user) ? json(200, { ok: true, channel: { id: open(user) } }) : refused('user_not_found');
  }

  const server = await startStandIn({
    action: ({ path }) => (path.startsWith('/actions/') ? 'answer' : path.replace(/^\/api\//, '')),
    work,
    refuse: (failure, retryAfter) =>
      failure === '429'
        ? json(429, { ok: false, error: 'ratelimited' }, retryHeader(retryAfter))
        : { status: 500, body: 'server error' },
  });
  return Object.assign(server, {
    apiUrl: `${server.url}/api/`,
    token: SLACK_TOKEN,
    messages,
    channels,
    users,
    views,
    whispers,
    trigger() {
      count += 1;
      triggers.set(`t.${count}`, Date.now() + 3_000);
      return `t.${count}`;
    },
    answerUrl() {
      count += 1;
      addresses.set(`/actions/T0/${count}`, 5);
      return `${server.url}/actions/T0/${count}`;
    },
  });
}

function refused(error: string): Answer {
  return json(200, { ok: false, error });
}

/** undefined: none given; null: not of the form that Slack wants. */
function readMetadata(text: string | null): SlackPosted['metadata'] | null | undefined {
  if (text === null) return undefined;
  const value = JSON.parse(text) as Partial<NonNullable<SlackPosted['metadata']>>;
  const { event_type, event_payload } = value;
  if (typeof event_type !== 'string' || typeof event_payload !== 'object') return null;
  return { event_type, event_payload };
}
