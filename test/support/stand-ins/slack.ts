import { type Answer, type Asked, json, retryHeader, type StandIn, startStandIn } from './server.ts';

export interface SlackPosted {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  readonly metadata?: { readonly event_type: string; readonly event_payload: Readonly<Record<string, unknown>> };
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
}

export const SLACK_TOKEN = 'xoxb-stand-in';

/** Checks what Slack checks: token, channel, limits of text and blocks, metadata. */
export async function startSlack(
  options: { users?: readonly string[]; channels?: readonly string[] } = {},
): Promise<SlackStandIn> {
  const messages: SlackPosted[] = [];
  const users = new Set(options.users ?? ['U0ANA00001', 'U0BEN00001', 'U0CLARA001']);
  const channels = new Set(options.channels ?? ['C0OPERATE1']);
  const direct = new Map<string, string>();
  let clock = 1_700_000_000_000_000;

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
    if (!Array.isArray(blocks) || blocks.length > 50) return refused('invalid_blocks');
    const metadata = readMetadata(args.get('metadata'));
    if (metadata === null) return refused('invalid_metadata_format');
    clock += 1_000_000;
    const ts = `${Math.floor(clock / 1_000_000)}.${String(clock % 1_000_000).padStart(6, '0')}`;
    messages.push({ channel, ts, text, ...(metadata ? { metadata } : {}) });
    return json(200, { ok: true, channel, ts, message: { type: 'message', text, ts } });
  }

  function history(args: URLSearchParams): Answer {
    const channel = args.get('channel') ?? '';
    if (!channels.has(channel)) return refused('channel_not_found');
    const limit = Math.min(Number(args.get('limit') ?? 100), 999);
    const from = Number(args.get('cursor') ?? 0);
    const all = messages.filter((message) => message.channel === channel).reverse();
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

  function deleteMessage(args: URLSearchParams): Answer {
    const channel = args.get('channel') ?? '';
    if (!channels.has(channel)) return refused('channel_not_found');
    const at = messages.findIndex((message) => message.channel === channel && message.ts === args.get('ts'));
    if (at < 0) return refused('message_not_found');
    messages.splice(at, 1);
    return json(200, { ok: true, channel, ts: args.get('ts') });
  }

  function work({ headers, body, action, method }: Asked): Answer {
    if (method !== 'POST') return json(404, {});
    if (headers.authorization !== `Bearer ${SLACK_TOKEN}`) return refused('invalid_auth');
    const args = new URLSearchParams(body);
    if (action === 'chat.postMessage') return postMessage(args);
    if (action === 'conversations.history') return history(args);
    if (action === 'chat.delete') return deleteMessage(args);
    if (action !== 'conversations.open') return refused('unknown_method');
    const user = args.get('users') ?? '';
    return users.has(user) ? json(200, { ok: true, channel: { id: open(user) } }) : refused('user_not_found');
  }

  const server = await startStandIn({
    action: ({ path }) => path.replace(/^\/api\//, ''),
    work,
    refuse: (failure, retryAfter) =>
      failure === '429'
        ? json(429, { ok: false, error: 'ratelimited' }, retryHeader(retryAfter))
        : { status: 500, body: 'server error' },
  });
  return Object.assign(server, { apiUrl: `${server.url}/api/`, token: SLACK_TOKEN, messages, channels, users });
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
