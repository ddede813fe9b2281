/** The only reader of the environment: what it says, judged once, as `Config` and `Secrets`. `.env.example` names every setting. */
import { join } from 'node:path';
import { z } from 'zod';
import { type Problem, StewardError, sayProblems } from './domain/errors.ts';
import { Secret } from './secret.ts';
import { fileSettingOf, readSecretFiles } from './secret-files.ts';

const port = z.coerce.number().int().min(1).max(65_535);
const ms = z.coerce.number().int().positive();
const text = z.string().min(1);
const temporalAddress = z
  .string()
  .regex(
    /^(\[[\da-f:.]+\]|[^\s:/@]+)(:\d{1,5})?$/i,
    'expected host:port of a Temporal server, such as temporal.example:7233, and nothing before or after it',
  );
const databaseUrl = z
  .string()
  .refine(
    isDatabaseUrl,
    'expected postgres://user:password@host:port/database, with %23 for # and the like where the password has them',
  );
/** What links begin with. A slash at its end would stand twice in them. */
const base = z.url().transform((url) => url.replace(/\/+$/, ''));

/** What goes into a header: anything else would be refused later, by a library that quotes what it refuses. */
const token = z.string().regex(/^[\x21-\x7e]+$/, 'expected letters, digits and signs without a space or a line break');

/** Of the 64 letters before the "@" a token takes 41. */
const replyTo = z
  .string()
  .regex(
    /^[A-Za-z0-9._-]{1,23}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/,
    'expected a bare address such as help@reply.example.com, with at most 23 letters, digits, ".", "_" and "-" before the "@"',
  );

/** Lists of our own: addresses or List-Ids. */
const LIST = /^[A-Za-z0-9._+-]{1,64}(@[A-Za-z0-9-]+)?(\.[A-Za-z0-9-]+)+$/;
const lists = z
  .string()
  .transform((list) => list.split(',').map((one) => one.trim()))
  .refine((list) => list.every((one) => LIST.test(one)), {
    error: 'expected addresses or List-Ids of your lists, such as help@example.com, with commas between',
  });

const TOPIC = /^arn:aws(-cn|-us-gov)?:sns:[a-z]{2}(-[a-z]+)+-\d:\d{12}:[A-Za-z0-9_-]{1,256}$/;
const topics = z
  .string()
  .transform((list) => list.split(',').map((arn) => arn.trim()))
  .refine((list) => list.every((arn) => TOPIC.test(arn)), {
    error: 'expected ARNs of SNS topics, such as arn:aws:sns:eu-central-1:123456789012:mail, with commas between',
  });

const apiKey = z.string().regex(/^stw_[A-Za-z0-9_-]{43}$/, 'expected an API key, as `steward key create` showed it');

/** One line makes a secret: it becomes a `Secret`, and `<NAME>_FILE` may name a file that holds it. */
const SECRET_SETTINGS = {
  DATABASE_URL: databaseUrl.optional(),
  TEMPORAL_API_KEY: token.optional(),
  SLACK_BOT_TOKEN: token.optional(),
  SLACK_SIGNING_SECRET: token.optional(),
  STEWARD_PAGERDUTY_KEY: token.optional(),
  AWS_SECRET_ACCESS_KEY: token.optional(),
  AWS_SESSION_TOKEN: token.optional(),
  STEWARD_LINK_SECRET: z.string().min(32, 'expected 32 letters or more').optional(),
  STEWARD_ASSERTION_SECRET: z.string().min(32, 'expected 32 letters or more').optional(),
  STEWARD_OFFICER_KEY: apiKey.optional(),
  STEWARD_AGENT_KEY: apiKey.optional(),
};

const Environment = z.object({
  ...SECRET_SETTINGS,
  STEWARD_STATE_DIR: text.default('.steward'),
  STEWARD_AUDIT_HEADS: text.optional(),
  STEWARD_ERASURE_LEDGER: text.optional(),
  STEWARD_FINGERPRINT_DIR: text.optional(),
  STEWARD_SECOND_FACTOR: z.enum(['off', 'assertion']).default('off'),
  STEWARD_HOST: text.default('127.0.0.1'),
  STEWARD_PORT: port.default(8080),
  STEWARD_TLS_CERT_FILE: text.optional(),
  STEWARD_TLS_KEY_FILE: text.optional(),
  STEWARD_PUBLIC_URL: base.optional(),
  STEWARD_TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  STEWARD_SNS_TOPICS: topics.optional(),
  STEWARD_OWN_LISTS: lists.optional(),
  STEWARD_FLOW: text.default('flows/support-escalation.asl.json'),
  STEWARD_TEAM: text.default('policies/team.yaml'),
  STEWARD_PRIVACY: text.default('policies/privacy.yaml'),
  STEWARD_SLA: text.default('policies/sla.yaml'),
  STEWARD_ESCALATION: text.default('policies/escalation.yaml'),
  STEWARD_WEBHOOKS: text.default('policies/webhooks.yaml'),
  STEWARD_HEALING: text.default('policies/healing.yaml'),
  STEWARD_HTTP: text.default('policies/http.yaml'),
  STEWARD_WEBHOOK_ADDRESSES: z.enum(['public', 'any']).default('public'),
  STEWARD_SOURCES_DIR: text.default('sources'),
  STEWARD_HELP_DIR: text.default('help'),
  STEWARD_TEMPLATES_DIR: text.default('templates'),
  STEWARD_TASK_QUEUE: text.default('steward'),
  STEWARD_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  STEWARD_KEK_FILE: text.optional(),
  // No longer than it may take until a shred is known in every process.
  STEWARD_KEY_CACHE_MS: ms.max(60_000).default(60_000),
  STEWARD_CLEAR_TEXT: z.enum(['accept', 'refuse']).optional(),
  STEWARD_DEMO: z.enum(['on', 'off']).default('on'),

  TEMPORAL_ADDRESS: temporalAddress.optional(),
  TEMPORAL_NAMESPACE: text.default('default'),
  TEMPORAL_TLS: z.enum(['on', 'off', 'true', 'false']).optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: text.optional(),
  TEMPORAL_TLS_SERVER_NAME: text.optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: text.optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: text.optional(),
  STEWARD_TEMPORAL_BINARY: text.optional(),
  STEWARD_TEMPORAL_PORT: port.default(7233),
  STEWARD_UI_PORT: port.default(8233),
  STEWARD_WEB_UI_URL: base.optional(),

  STEWARD_POSTGRES_PORT: port.default(54_329),
  STEWARD_MIGRATE: z.enum(['on', 'off']).default('on'),
  STEWARD_DATABASE_POOL: z.coerce.number().int().min(1).max(200).default(10),

  STEWARD_SOLVE_AFTER_SILENCE_MS: ms.default(72 * 3_600_000),
  STEWARD_REOPEN_WINDOW_MS: ms.default(14 * 24 * 3_600_000),
  STEWARD_AUTOMATIC_PER_DAY: z.coerce.number().int().min(1).default(30),
  STEWARD_POLICY_CHECK_MS: z.coerce.number().int().min(100).default(10_000),
  STEWARD_LOST_ATTEMPT_MS: z.coerce.number().int().min(1_000).default(30_000),
  // Below what a step on our own database has: it must be able to say that the CRM was late.
  STEWARD_CRM_DEADLINE_MS: ms.max(1_500).default(1_000),
  STEWARD_CRM_POLICY: z.enum(['required', 'bestEffort']).default('required'),
  STEWARD_SENTIMENT_DEADLINE_MS: ms.default(5_000),
  STEWARD_SENTIMENT_POLICY: z.enum(['required', 'bestEffort']).default('bestEffort'),
  STEWARD_STATUS_DEADLINE_MS: ms.default(3_000),
  STEWARD_STATUS_POLICY: z.enum(['required', 'bestEffort', 'staleOk']).default('staleOk'),

  AWS_REGION: text.optional(),
  AWS_ACCESS_KEY_ID: token.optional(),
  STEWARD_COMPREHEND: z.enum(['on', 'off']).default('on'),
  STEWARD_COMPREHEND_PER_SECOND: z.coerce.number().positive().default(20),
  STEWARD_MAIL_FROM: text.optional(),
  STEWARD_REPLY_TO: replyTo.optional(),
  STEWARD_MAIL_PER_SECOND: z.coerce.number().positive().default(14),
  AWS_ENDPOINT_URL_COMPREHEND: z.url().optional(),
  AWS_ENDPOINT_URL_SES: z.url().optional(),
  STEWARD_SES_CONFIGURATION_SET: text.optional(),
  STEWARD_SLACK_API_URL: z.url().optional(),
  STEWARD_SLACK_PER_SECOND: z.coerce.number().positive().default(1),
  STEWARD_PAGERDUTY_URL: base.default('https://events.pagerduty.com'),
  STEWARD_PAGERDUTY_PER_SECOND: z.coerce.number().positive().default(2),
  STEWARD_STATUSPAGE_URL: z.url().optional(),
});
/** A certificate is of no use without its key, and an id without its secret. */
const PAIRS = [
  ['STEWARD_TLS_CERT_FILE', 'STEWARD_TLS_KEY_FILE'],
  ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_KEY_PATH'],
  ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
] as const;
const SECRET_NAMES = Object.keys(SECRET_SETTINGS);
/** The name of every setting that is read here. */
export const SETTINGS: readonly string[] = [...Object.keys(Environment.shape), ...SECRET_NAMES.map(fileSettingOf)];
export type Config = ReturnType<typeof judge>['config'];
export type Secrets = ReturnType<typeof judge>['secrets'];

/** Reads `.env` (when there is one) and the environment. @throws StewardError InvalidConfig naming every wrong setting */
export function readConfig(overrides: Readonly<Record<string, string>> = {}): { config: Config; secrets: Secrets } {
  try {
    process.loadEnvFile('.env');
  } catch {
    // No .env: everything has a default.
  }
  const judged = judge({ ...process.env, ...overrides });
  // Held by `Secrets` from here on: no program that we start inherits one, and no report of the environment shows one.
  for (const name of SECRET_NAMES) delete process.env[name];
  // Without its secret it is half a pair, to whoever reads the environment next.
  delete process.env.AWS_ACCESS_KEY_ID;
  return judged;
}

export function judge(raw: Readonly<Record<string, string | undefined>>) {
  // An empty setting is an unset one: that is what `NAME=` in an .env file means to people.
  const set = Object.entries(raw).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const { given, problems: unread } = readSecretFiles(Object.fromEntries(set), SECRET_NAMES);
  const parsed = Environment.safeParse(given);
  const halves = [...PAIRS.flatMap((pair) => missingHalf(given, pair)), ...missingNeeds(given)];
  if (!parsed.success || unread.length > 0 || halves.length > 0) {
    const wrong = parsed.error?.issues.map((i) => ({ field: i.path.join('.'), message: i.message })) ?? [];
    const problems = [...unread, ...halves, ...wrong];
    throw new StewardError('InvalidConfig', `settings: ${sayProblems(problems)}`, { problems });
  }
  const env = parsed.data;
  const { STEWARD_TLS_CERT_FILE: certFile, STEWARD_TLS_KEY_FILE: keyFile } = env;
  const tls = certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : undefined;
  const gatewayUrl = env.STEWARD_PUBLIC_URL ?? `${tls ? 'https' : 'http'}://127.0.0.1:${env.STEWARD_PORT}`;
  const uiUrl = env.STEWARD_WEB_UI_URL ?? `http://127.0.0.1:${env.STEWARD_UI_PORT}`;
  // Many shells export these two for the `temporal` command. Our own dev server has one namespace and no TLS, which a key turns on.
  const named = env.TEMPORAL_ADDRESS !== undefined;
  const config = {
    stateDir: env.STEWARD_STATE_DIR,
    auditHeads: env.STEWARD_AUDIT_HEADS ?? join(env.STEWARD_STATE_DIR, 'audit-heads.jsonl'),
    erasure: {
      /** Outside of the databases, like the heads: a restored backup must not take it back. */
      ledger: env.STEWARD_ERASURE_LEDGER ?? join(env.STEWARD_STATE_DIR, 'erasures.jsonl'),
      fingerprints: env.STEWARD_FINGERPRINT_DIR ?? join(env.STEWARD_STATE_DIR, 'fingerprints'),
      secondFactor: env.STEWARD_SECOND_FACTOR === 'assertion',
    },
    logLevel: env.STEWARD_LOG_LEVEL,
    taskQueue: env.STEWARD_TASK_QUEUE,
    demo: env.STEWARD_DEMO === 'on',
    gateway: {
      host: env.STEWARD_HOST,
      port: env.STEWARD_PORT,
      publicUrl: gatewayUrl,
      tls,
      trustedProxies: env.STEWARD_TRUSTED_PROXIES,
      /** ARNs; none: SNS is not listened to. */
      snsTopics: env.STEWARD_SNS_TOPICS ?? [],
      /** Mailing lists in front of us; the addresses of our own mails are ones in any case. */
      ownLists: [env.STEWARD_OWN_LISTS ?? [], env.STEWARD_MAIL_FROM ?? [], env.STEWARD_REPLY_TO ?? []].flat(),
    },
    files: {
      flow: env.STEWARD_FLOW,
      team: env.STEWARD_TEAM,
      privacy: env.STEWARD_PRIVACY,
      sla: env.STEWARD_SLA,
      escalation: env.STEWARD_ESCALATION,
      webhooks: env.STEWARD_WEBHOOKS,
      healing: env.STEWARD_HEALING,
      http: env.STEWARD_HTTP,
      sources: env.STEWARD_SOURCES_DIR,
      help: env.STEWARD_HELP_DIR,
      templates: env.STEWARD_TEMPLATES_DIR,
    },
    encryption: {
      /** Unset: in the state directory. */
      kekFile: env.STEWARD_KEK_FILE,
      /** How long a data key that was looked up stays at hand. */
      keyCacheMs: env.STEWARD_KEY_CACHE_MS,
      /** Unset: `npm start` accepts it, for the bare `temporal` program; worker and gateway as processes of their own refuse it. */
      clearText: env.STEWARD_CLEAR_TEXT,
    },
    temporal: {
      /** Unset: the embedded dev server. */
      address: env.TEMPORAL_ADDRESS,
      namespace: named ? env.TEMPORAL_NAMESPACE : 'default',
      tls: named ? temporalTls(env) : undefined,
      /** Somebody has said that it may be reached in the clear. */
      clear: /^(off|false)$/.test(env.TEMPORAL_TLS ?? ''),
      webUiUrl: uiUrl,
      embedded: {
        port: env.STEWARD_TEMPORAL_PORT,
        uiPort: env.STEWARD_UI_PORT,
        binary: env.STEWARD_TEMPORAL_BINARY,
      },
    },
    database: {
      poolSize: env.STEWARD_DATABASE_POOL,
      migrate: env.STEWARD_MIGRATE === 'on',
      embedded: { port: env.STEWARD_POSTGRES_PORT },
    },
    timings: {
      solveAfterSilenceMs: env.STEWARD_SOLVE_AFTER_SILENCE_MS,
      reopenWindowMs: env.STEWARD_REOPEN_WINDOW_MS,
      lostAttemptMs: env.STEWARD_LOST_ATTEMPT_MS,
    },
    sources: {
      crm: { deadlineMs: env.STEWARD_CRM_DEADLINE_MS, policy: env.STEWARD_CRM_POLICY },
      sentiment: { deadlineMs: env.STEWARD_SENTIMENT_DEADLINE_MS, policy: env.STEWARD_SENTIMENT_POLICY },
      status: { deadlineMs: env.STEWARD_STATUS_DEADLINE_MS, policy: env.STEWARD_STATUS_POLICY },
    },
    comprehend:
      env.AWS_REGION && env.STEWARD_COMPREHEND === 'on'
        ? {
            region: env.AWS_REGION,
            endpoint: env.AWS_ENDPOINT_URL_COMPREHEND,
            perSecond: env.STEWARD_COMPREHEND_PER_SECOND,
          }
        : undefined,
    ses:
      env.AWS_REGION && env.STEWARD_MAIL_FROM
        ? {
            region: env.AWS_REGION,
            endpoint: env.AWS_ENDPOINT_URL_SES,
            from: env.STEWARD_MAIL_FROM,
            configurationSet: env.STEWARD_SES_CONFIGURATION_SET,
            perSecond: env.STEWARD_MAIL_PER_SECOND,
          }
        : undefined,
    /** `any`: webhooks may go into our own network. */
    webhookAddresses: env.STEWARD_WEBHOOK_ADDRESSES,
    automaticPerDay: env.STEWARD_AUTOMATIC_PER_DAY,
    policyCheckMs: env.STEWARD_POLICY_CHECK_MS,
    mailFrom: env.STEWARD_MAIL_FROM ?? 'Steward <support@steward.example>',
    /** Answers go to this address, with a token of the message after a "+"; unset: to `mailFrom`. */
    replyTo: env.STEWARD_REPLY_TO,
    slack: env.SLACK_BOT_TOKEN
      ? {
          apiUrl: env.STEWARD_SLACK_API_URL,
          perSecond: env.STEWARD_SLACK_PER_SECOND,
          /** Slack calls us back: messages have buttons. */
          callsBack: env.SLACK_SIGNING_SECRET !== undefined,
        }
      : undefined,
    pagerDuty: env.STEWARD_PAGERDUTY_KEY
      ? { url: env.STEWARD_PAGERDUTY_URL, perSecond: env.STEWARD_PAGERDUTY_PER_SECOND }
      : undefined,
    statuspage: env.STEWARD_STATUSPAGE_URL ? { url: env.STEWARD_STATUSPAGE_URL } : undefined,
  };
  const secrets = {
    /** Holds a password, so it is no part of `Config`. Unset: the embedded PostgreSQL. */
    databaseUrl: secret(env.DATABASE_URL),
    temporalApiKey: named ? secret(env.TEMPORAL_API_KEY) : undefined,
    slackToken: secret(env.SLACK_BOT_TOKEN),
    /** Of our app, by which Slack signs its calls. */
    slackSigningSecret: secret(env.SLACK_SIGNING_SECRET),
    /** Of a service's Events API v2 integration. */
    pagerDutyKey: secret(env.STEWARD_PAGERDUTY_KEY),
    aws: awsKeys(env),
    /** Unset: made on first start and kept under the state directory. */
    linkSecret: secret(env.STEWARD_LINK_SECRET),
    /** Shared with the support platform, which vouches by it for people that are signed in there. */
    assertionSecret: secret(env.STEWARD_ASSERTION_SECRET),
    /** By which a privacy officer shows at the command line who they are. */
    officerKey: secret(env.STEWARD_OFFICER_KEY),
    /** By which an agent shows at the command line who decides. */
    agentKey: secret(env.STEWARD_AGENT_KEY),
  };
  return { config, secrets };
}

/** A secret whose name stands in a file of policies; `<NAME>_FILE` as for the others. @throws StewardError InvalidConfig */
export function namedSecret(name: string): Secret | undefined {
  const set = Object.entries(process.env).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const { given, problems } = readSecretFiles(Object.fromEntries(set), [name]);
  if (problems.length > 0) throw new StewardError('InvalidConfig', `settings: ${sayProblems(problems)}`, { problems });
  return secret(given[name]);
}

/** On where it is asked for, and where any of its files or its name is. */
function temporalTls(env: z.infer<typeof Environment>) {
  const { TEMPORAL_TLS_CLIENT_CERT_PATH: cert, TEMPORAL_TLS_CLIENT_KEY_PATH: key } = env;
  const how = {
    serverCa: env.TEMPORAL_TLS_SERVER_CA_CERT_PATH,
    serverName: env.TEMPORAL_TLS_SERVER_NAME,
    client: cert !== undefined && key !== undefined ? { cert, key } : undefined,
  };
  const asked = env.TEMPORAL_TLS ?? (Object.values(how).some((one) => one !== undefined) ? 'on' : 'off');
  return asked === 'on' || asked === 'true' ? how : undefined;
}

/** Undefined: AWS's own programs know where theirs are, a profile or the machine's role, and so does its SDK. */
function awsKeys(env: z.infer<typeof Environment>) {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SESSION_TOKEN: token } = env;
  const secretAccessKey = secret(env.AWS_SECRET_ACCESS_KEY);
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey, sessionToken: secret(token) } : undefined;
}

type Given = Readonly<Record<string, string>>;

function missingHalf(given: Given, [one, other]: readonly [string, string]): Problem[] {
  return [...missing(given, one, other), ...missing(given, other, one)];
}

/** What somebody does in Slack is answered there, and a session is one of some key's. */
function missingNeeds(given: Given): Problem[] {
  return [
    ...missing(given, 'SLACK_SIGNING_SECRET', 'SLACK_BOT_TOKEN'),
    ...missing(given, 'AWS_SESSION_TOKEN', 'AWS_ACCESS_KEY_ID'),
  ];
}

function missing(given: Given, one: string, needed: string): Problem[] {
  // By a file that can't be read it is given too: that is told already.
  const isGiven = (name: string) => given[name] !== undefined || given[fileSettingOf(name)] !== undefined;
  return isGiven(one) && !isGiven(needed) ? [{ field: needed, message: `expected as well, since ${one} is set` }] : [];
}

function secret(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : new Secret(text);
}

function isDatabaseUrl(value: string): boolean {
  return URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol);
}

/** For programs that we start: PATH, HOME, proxies. */
export const environment: Readonly<Record<string, string | undefined>> = process.env;
