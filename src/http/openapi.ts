/**
 * `GET /openapi.json`: the programmatic way in, described by the schemas that judge it. Zod's own JSON Schema, which OpenAPI 3.1
 * takes as it is: nothing that must be loaded before the schemas are.
 */
import { z } from 'zod';
import { ERASURE_TYPE } from '../domain/envelope.ts';
import { PRESENCES } from '../domain/presence.ts';
import { PARKED_REASONS } from '../domain/receipt.ts';
import { ticketEnvelope } from '../schema/envelope.ts';
import { erasureBody, erasureCode, erasureReason, erasureRequested, erasureStep } from '../schema/erasure.ts';
import { followUps } from '../schema/followUp.ts';
import { taskAsked, taskDecision, taskDelegation } from '../schema/human-task.ts';
import { presenceSchema } from '../schema/presence.ts';
import { flowRunPaths, flowTaskPaths } from './openapi-flows.ts';
import { taskPaths } from './openapi-tasks.ts';

export const acceptedSchema = z.object({
  ticketId: z.string(),
  workflowId: z.string(),
  known: z.literal(true).optional().describe('It had come before; nothing was started.'),
  held: z.literal(true).optional().describe('It waits for its ticket, which has not come yet.'),
  linkedTo: z.string().optional().describe('The closed ticket that this new one goes on from.'),
});

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe('Stable; made for programs.'),
  problems: z
    .array(z.object({ field: z.string(), message: z.string() }))
    .optional()
    .describe('Every wrong field and its mend.'),
  instance: z.string().optional().describe('Leads to the entry in the log.'),
});

const ignoredSchema = z.object({
  ignored: z.literal(true),
  reason: z.enum(['own', 'bounce', 'report', 'automatic']),
});
const parkedSchema = z.object({ parked: z.enum(PARKED_REASONS) });
export const erasureRuledSchema = z.object({
  requestId: z.string(),
  next: z.string().describe('In words: what was said, and what follows from it.'),
  dueAt: z.string().describe('ISO 8601: the end of the legal period, as extended.'),
  parked: z.array(
    z.object({ step: z.string(), error: z.string(), cause: z.string(), attempts: z.int(), since: z.string() }),
  ),
});
const readinessSchema = z.object({
  status: z.enum(['ready', 'degraded', 'away']),
  store: z.enum(['ok', 'away']),
  temporal: z.enum(['ok', 'away']),
  policies: z.enum(['ok', 'refused']).describe('refused: a change of them is wrong, and those of before are in force.'),
  flow: z
    .enum(['file', 'deployed', 'edited', 'unknown'])
    .describe(
      'file: none was deployed, and its file rules. edited: what is deployed rules, and its file says something else.',
    ),
});

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The body is not JSON in UTF-8, or broke off; of the erasures also: it has a field that is not known (`UnknownField`), and `problems` names each',
  401: 'No valid API key',
  403: 'The role of the API key does not allow it, and `detail` names those that do; it is an agent’s own and the request names another (`AgentForeign`), or one who has left the team (`AgentGone`); or the key made the request or vouched for it (`OwnRequest`); a call in the name of SNS or Slack is none (`SignatureWrong`)',
  409: 'The ticket id belongs to another source, or the ticket is closed; a request for erasure is not where this can be said; the id is that of another request for erasure (`RequestConflict`); a call of Slack came before (`Replayed`)',
  410: 'What it belongs to was erased; nothing can be added any more',
  413: 'The body is too large',
  415: 'The media type is not taken',
  429: 'Too many requests for this person, or from this source, today',
  422: 'Fields are wrong; `problems` names each',
  500: 'A fault of ours',
  503: 'PostgreSQL or Temporal is away; the same again is taken once',
};

const EVENTS: Readonly<Record<string, z.ZodType>> = {
  'ticket.created': ticketEnvelope,
  ...followUps,
  [ERASURE_TYPE]: erasureRequested,
};
const NAMED: Readonly<Record<string, z.ZodType>> = {
  ...EVENTS,
  Accepted: acceptedSchema,
  ErasureCode: erasureCode,
  ErasureReason: erasureReason,
  ErasureRequest: erasureBody,
  ErasureStep: erasureStep,
  ErasureRuled: erasureRuledSchema,
  Ignored: ignoredSchema,
  Parked: parkedSchema,
  Presence: presenceSchema,
  Problem: problemSchema,
  Readiness: readinessSchema,
  TaskAsked: taskAsked,
  TaskDecision: taskDecision,
  TaskDelegation: taskDelegation,
};

/** As it comes in: what a schema makes of a value afterwards is our own affair. */
function jsonSchema(schema: z.ZodType) {
  const { $schema: _, ...said } = z.toJSONSchema(schema, { io: 'input' });
  return said;
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const anyOf = (...names: string[]) => ({ anyOf: names.map(ref) });
const content = (type: string, schema: object) => ({ content: { [type]: { schema } } });
const json = (description: string, schema: object) => ({ description, ...content('application/json', schema) });

function problems(...statuses: number[]) {
  const told = content('application/problem+json', ref('Problem'));
  return Object.fromEntries(statuses.map((status) => [status, { description: PROBLEMS[status] ?? '', ...told }]));
}

export function describeApi() {
  return {
    openapi: '3.1.0',
    info: { title: 'Steward', version: '1' },
    paths: {
      '/v1/events': { post: postEvent },
      '/v1/email': { post: postMail },
      '/v1/sns': { post: postSns },
      '/v1/mails': { get: getMails },
      '/v1/mails/{id}': { get: getMail, delete: deleteMail },
      '/v1/mails/{id}/release': { post: releaseMail },
      '/v1/agents/{id}/presence': { post: postPresence },
      '/v1/sources/{name}': { post: postSource },
      '/v1/slack/interactions': { post: postSlack },
      '/v1/erasures': { post: postErasure },
      '/v1/erasures/{id}': { get: getErasure },
      '/v1/erasures/{id}/code': { post: postCode },
      '/v1/erasures/{id}/approve': { post: ruling('A privacy officer lets the erasure go on') },
      '/v1/erasures/{id}/refuse': {
        post: ruling('A privacy officer refuses it; the person reads why', 'ErasureReason'),
      },
      '/v1/erasures/{id}/extend': { post: ruling('Two more months; the person reads why', 'ErasureReason') },
      '/v1/erasures/{id}/vouch': { post: ruling('In the place of the code; another officer has to approve') },
      '/v1/erasures/{id}/retry': { post: ruling('A parked step is tried again', 'ErasureStep') },
      '/v1/erasures/{id}/skip': { post: ruling('A parked step that only tells or looks is left out', 'ErasureStep') },
      ...taskPaths({ ref, content, json, problems, security }),
      ...flowTaskPaths({ content, json, problems, security }),
      ...flowRunPaths({ content, json, problems, security }),
      '/v1/audits/{month}': { get: getAudit },
      '/healthz': { get: getHealth },
      '/readyz': { get: getReadiness },
    },
    components: {
      schemas: Object.fromEntries(Object.entries(NAMED).map(([name, schema]) => [name, jsonSchema(schema)])),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  };
}

const security = [{ bearer: [] }, { apiKey: [] }];
const TAKEN = json('Taken: Temporal has it', ref('Accepted'));

const postEvent = {
  summary: 'A new ticket, or what happened to one',
  description:
    'EventBridge envelope, or CloudEvents 1.0 structured or binary with `type` for `detail-type` and `data` for `detail`. At most 256 KiB. The same event again is taken once. By a key that is an agent’s own `agentId` may be left out, and is nobody else.',
  security,
  requestBody: {
    required: true,
    content: {
      ...content('application/json', anyOf(...Object.keys(EVENTS))).content,
      ...content('application/cloudevents+json', { type: 'object' }).content,
    },
  },
  responses: {
    202: TAKEN,
    200: json('Known already', ref('Accepted')),
    ...problems(400, 401, 403, 409, 410, 413, 415, 422, 500, 503),
  },
};

const postMail = {
  summary: 'A raw mail',
  description:
    'MIME as it came, at most 10 MiB. Automatic answers and bounces are recognised and ignored; bulk mail and mail by a list that is none of ours waits for an operator.',
  security,
  requestBody: { required: true, ...content('message/rfc822', { type: 'string' }) },
  responses: {
    202: TAKEN,
    200: json('Known already, not from a person, or parked', anyOf('Accepted', 'Ignored', 'Parked')),
    ...problems(400, 401, 403, 409, 410, 413, 422, 500, 503),
  },
};

const postSns = {
  summary: 'A mail that Amazon SES received, or what became of one of ours: a message of Amazon SNS',
  description:
    'Takes no API key: a message bears the signature (version 2) of SNS, over a topic of `STEWARD_SNS_TOPICS`; where none is named there is nothing at this address. The same message again is taken once.',
  security: [],
  requestBody: { required: true, ...content('text/plain', { type: 'string', contentMediaType: 'application/json' }) },
  responses: {
    200: json('Taken, known already, or nothing for us', {
      type: 'object',
      properties: {
        outcome: { enum: ['delivered', 'bounced', 'complained'] },
        ticketId: { type: 'string' },
        parked: { enum: PARKED_REASONS },
        confirmed: { const: true },
        known: { const: true },
        ignored: { const: true },
      },
    }),
    ...problems(400, 403, 404, 413, 500, 503),
  },
};

const MAIL_ID = [{ name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^PM-[0-9a-f]{16}$' } }];

const getMails = {
  summary: 'Mails that were not taken, for operators: who wrote and why, not what',
  security,
  responses: {
    200: json('The newest 200', {
      type: 'object',
      properties: {
        mails: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              id: { type: 'string' },
              reason: { enum: PARKED_REASONS },
              sender: { type: ['string', 'null'] },
              providerId: { type: 'string' },
              at: { type: 'string', format: 'date-time' },
            },
          },
        },
      },
    }),
    ...problems(401, 403, 500, 503),
  },
};

const getMail = {
  summary: 'A parked mail as it came; that it was read is logged',
  security,
  parameters: MAIL_ID,
  responses: {
    200: { description: 'The mail', ...content('application/octet-stream', { type: 'string', format: 'binary' }) },
    ...problems(401, 403, 404, 500, 503),
  },
};

const releaseMail = {
  summary: 'A parked mail is taken as if nothing spoke against it',
  security,
  parameters: MAIL_ID,
  responses: {
    200: json('Taken, or not from a person', anyOf('Accepted', 'Ignored')),
    ...problems(401, 403, 404, 409, 422, 500, 503),
  },
};

const deleteMail = {
  summary: 'A parked mail is dropped',
  security,
  parameters: MAIL_ID,
  responses: {
    200: json('Dropped', { type: 'object', properties: { dropped: { const: true } } }),
    ...problems(401, 403, 404, 500, 503),
  },
};

const postPresence = {
  summary: 'An agent is there, away or off',
  description:
    'Away: no new tickets. Off: what customers wait for goes to others too. It needs a key of the role agent, operator or admin; one that is an agent’s own says it of that agent alone.',
  security,
  parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
  requestBody: { required: true, ...content('application/json', ref('Presence')) },
  responses: {
    200: json('So it is now', {
      type: 'object',
      properties: { agentId: { type: 'string' }, presence: { enum: PRESENCES }, before: { enum: PRESENCES } },
    }),
    ...problems(400, 401, 403, 404, 413, 422, 500, 503),
  },
};

const postSource = {
  summary: 'An event as some platform has it, which a file of sources/ makes ours',
  description:
    'Any JSON. By an API key, or by the signature that the source’s file asks for. The same event again is taken once, by the id that the file gives it.',
  parameters: [
    { name: 'name', in: 'path', required: true, schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,49}$' } },
  ],
  requestBody: { required: true, ...content('application/json', {}) },
  responses: {
    200: json('It had come before, or is nothing for us', {
      anyOf: [
        ref('Accepted'),
        { type: 'object', properties: { ignored: { const: true }, rule: { type: ['string', 'null'] } } },
      ],
    }),
    202: json('Taken', ref('Accepted')),
    ...problems(400, 401, 403, 404, 409, 410, 413, 422, 500, 503),
  },
};

const postSlack = {
  summary: 'What somebody did at one of our messages in Slack',
  description:
    'Takes no API key: a call bears the signature of Slack (v0), by `SLACK_SIGNING_SECRET`; without one there is nothing at this address. Answered at once and without a word; what comes of it shows at the message, or in private. Of a form the answer says what is wrong with its fields.',
  security: [],
  requestBody: {
    required: true,
    ...content('application/x-www-form-urlencoded', { type: 'object', properties: { payload: { type: 'string' } } }),
  },
  responses: {
    200: json('Taken, or refused to who clicked', {
      type: 'object',
      properties: { response_action: { const: 'errors' }, errors: { type: 'object' } },
    }),
    ...problems(400, 403, 404, 409, 413, 422, 500, 503),
  },
};

const ID = [{ name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^ERA-[0-9a-f]{16}$' } }];

const postErasure = {
  summary: 'A person asks to be forgotten',
  description:
    'The answer is the same whether we know the person or not. A code goes to the address on file, unless an assertion of the platform stands in for it.',
  security,
  requestBody: { required: true, ...content('application/json', ref('ErasureRequest')) },
  responses: {
    202: json('Taken', { type: 'object', properties: { requestId: { type: 'string' }, page: { type: 'string' } } }),
    ...problems(400, 401, 403, 413, 422, 429, 500, 503),
  },
};
const getErasure = {
  summary: 'Where a request stands; nothing of it tells who it is about',
  security,
  parameters: ID,
  responses: { 200: json('The request', { type: 'object' }), ...problems(401, 403, 404, 500, 503) },
};
const getAudit = {
  summary: 'The report of a month: canonical JSON, whose SHA-256 is its ETag',
  security,
  parameters: [{ name: 'month', in: 'path', required: true, schema: { type: 'string', pattern: '^\\d{4}-\\d{2}$' } }],
  responses: { 200: json('The figures', { type: 'object' }), ...problems(401, 403, 404, 500, 503) },
};
const postCode = {
  summary: 'The code from the mail',
  security,
  parameters: ID,
  requestBody: { required: true, ...content('application/json', ref('ErasureCode')) },
  responses: {
    200: json('It is the right one', { type: 'object', properties: { answer: { const: 'proved' } } }),
    409: json('It is not, or can not be entered any more', {
      type: 'object',
      properties: { answer: { enum: ['wrong', 'over'] } },
    }),
    ...problems(400, 401, 403, 404, 422, 500, 503),
  },
};

/** `body`: the schema of what it takes. */
function ruling(summary: string, body?: 'ErasureReason' | 'ErasureStep') {
  return {
    summary,
    description:
      'For a key of the role `privacyOfficer` or `admin`. Who decides is the key: nobody decides about a request that they made or vouched for.',
    security,
    parameters: ID,
    ...(body && {
      requestBody: { required: body === 'ErasureReason', ...content('application/json', ref(body)) },
    }),
    responses: {
      200: json('It is so', ref('ErasureRuled')),
      ...problems(400, 401, 403, 404, 409, 413, 422, 500, 503),
    },
  };
}

const getHealth = {
  summary: 'Is the process up?',
  responses: { 200: json('It is', { type: 'object', properties: { status: { const: 'ok' } }, required: ['status'] }) },
};

const getReadiness = {
  summary: 'Can it take tickets?',
  responses: {
    200: json('It can', ref('Readiness')),
    503: json('PostgreSQL or Temporal is away', ref('Readiness')),
  },
};
