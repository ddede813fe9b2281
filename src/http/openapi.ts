/** `GET /openapi.json`: the programmatic way in, described by the schemas that judge it. */
import { OpenAPIHono, z } from '@hono/zod-openapi';
import { ticketEnvelope } from '../schema/envelope.ts';
import { followUps } from '../schema/followUp.ts';

export const acceptedSchema = z
  .object({
    ticketId: z.string(),
    workflowId: z.string(),
    known: z.literal(true).optional().describe('It had come before; nothing was started.'),
    held: z.literal(true).optional().describe('It waits for its ticket, which has not come yet.'),
    linkedTo: z.string().optional().describe('The closed ticket that this new one goes on from.'),
  })
  .openapi('Accepted');

export const problemSchema = z
  .object({
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
  })
  .openapi('Problem');

const ignoredSchema = z.object({
  ignored: z.literal(true),
  reason: z.enum(['own', 'bounce', 'report', 'automatic', 'bulk']),
});
const readinessSchema = z.object({ status: z.string(), store: z.string(), temporal: z.string() });

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The body is not JSON in UTF-8, or broke off',
  401: 'No valid API key',
  409: 'The ticket id belongs to another source, or the ticket is closed',
  413: 'The body is too large',
  415: 'The media type is not taken',
  422: 'Fields are wrong; `problems` names each',
  500: 'A fault of ours',
  503: 'PostgreSQL or Temporal is away; nothing was taken',
};

function problems(...statuses: number[]) {
  const content = { 'application/problem+json': { schema: problemSchema } };
  return Object.fromEntries(statuses.map((status) => [status, { description: PROBLEMS[status] ?? '', content }]));
}

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

export function describeApi() {
  const api = new OpenAPIHono();
  const { openAPIRegistry: registry } = api;
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'apiKey', { type: 'apiKey', in: 'header', name: 'x-api-key' });
  const security = [{ bearer: [] }, { apiKey: [] }];

  const event = z.union([
    registry.register('ticket.created', ticketEnvelope),
    ...Object.entries(followUps).map(([type, schema]) => registry.register(type, schema)),
  ]);
  registry.registerPath({
    method: 'post',
    path: '/v1/events',
    summary: 'A new ticket, or what happened to one',
    description:
      'EventBridge envelope, or CloudEvents 1.0 structured or binary with `type` for `detail-type` and `data` for `detail`. At most 256 KiB. The same event again is taken once.',
    security,
    request: {
      body: {
        required: true,
        content: {
          'application/json': { schema: event },
          'application/cloudevents+json': { schema: z.looseObject({}) },
        },
      },
    },
    responses: {
      202: json(acceptedSchema, 'Taken: Temporal has it'),
      200: json(acceptedSchema, 'Known already'),
      ...problems(400, 401, 409, 413, 415, 422, 500, 503),
    },
  });
  registry.registerPath({
    method: 'post',
    path: '/v1/email',
    summary: 'A raw mail',
    description:
      'MIME as it came, at most 10 MiB. Automatic answers, bounces and bulk mail are recognised and ignored.',
    security,
    request: { body: { required: true, content: { 'message/rfc822': { schema: z.string() } } } },
    responses: {
      202: json(acceptedSchema, 'Taken: Temporal has it'),
      200: json(z.union([acceptedSchema, ignoredSchema]), 'Known already, or not from a person'),
      ...problems(400, 401, 409, 413, 422, 500, 503),
    },
  });
  registry.registerPath({
    method: 'get',
    path: '/healthz',
    summary: 'Is the process up?',
    responses: { 200: json(z.object({ status: z.literal('ok') }), 'It is') },
  });
  registry.registerPath({
    method: 'get',
    path: '/readyz',
    summary: 'Can it take tickets?',
    responses: { 200: json(readinessSchema, 'It can'), 503: json(readinessSchema, 'PostgreSQL or Temporal is away') },
  });
  return api.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'Steward', version: '1' } });
}
