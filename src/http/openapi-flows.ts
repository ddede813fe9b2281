/** The part of the API's description that flows are: their runs, and their Tasks that wait for whoever has the token. */

interface Parts {
  readonly content: (type: string, schema: object) => object;
  readonly json: (description: string, schema: object) => object;
  readonly problems: (...statuses: number[]) => object;
  readonly security: readonly object[];
}

const token = { type: 'string', minLength: 1, description: 'As the Task has handed it out (`$$.Task.Token`).' };

/** Runs of flows that belong to no ticket. */
export function flowRunPaths({ content, json, problems, security }: Parts) {
  const run = json('The run', {
    type: 'object',
    properties: { id: { type: 'string' }, workflowId: { type: 'string' }, known: { type: 'boolean' } },
    required: ['id', 'workflowId', 'known'],
  });
  return {
    '/v1/flows/{name}/runs': {
      post: {
        summary: 'A flow is run without a ticket',
        description:
          'With an `Idempotency-Key`, or an id, the same again is started once; one that failed is started anew. 404: no flow has the name; 409: under this key or id something else was started; 422: the input is wrong, or the flow needs a ticket.',
        security,
        parameters: [
          { name: 'name', in: 'path', required: true, schema: { type: 'string', pattern: '^[\\w-]{1,80}$' } },
          { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', minLength: 1, maxLength: 200 } },
        ],
        requestBody: {
          required: true,
          ...content('application/json', {
            type: 'object',
            properties: {
              input: { description: 'Any JSON of at most 256 KiB; without it {}.' },
              customerId: { type: 'string', description: 'Whose data it is about, where the input does not say so.' },
              id: { type: 'string', maxLength: 200, description: 'Names the run and stays: it must name nobody.' },
            },
            additionalProperties: false,
          }),
        },
        responses: { 200: run, 202: run, ...problems(400, 401, 403, 404, 409, 410, 413, 422, 500, 503) },
      },
    },
  };
}

export function flowTaskPaths({ content, json, problems, security }: Parts) {
  const path = (summary: string, more: object) => ({
    post: {
      summary,
      description: 'The first answer counts. 404: nobody has given the token out; 409: its Task is over.',
      security,
      requestBody: {
        required: true,
        ...content('application/json', {
          type: 'object',
          properties: { token, ...more },
          required: ['token'],
          additionalProperties: false,
        }),
      },
      responses: {
        200: json('It counts', { type: 'object', properties: { outcome: { const: 'taken' } } }),
        ...problems(400, 401, 403, 404, 409, 413, 422, 500, 503),
      },
    },
  });
  return {
    '/v1/flow-tasks/complete': path('A Task of a flow is done', {
      output: { description: 'Its result: any JSON of at most 256 KiB; without it {}.' },
    }),
    '/v1/flow-tasks/fail': path('A Task of a flow has failed', {
      error: { type: 'string', pattern: '^[\\w.:-]{1,100}$', description: 'As Retry and Catch name it.' },
      cause: { type: 'string', maxLength: 32_768 },
    }),
    '/v1/flow-tasks/heartbeat': path('A Task of a flow is being worked on', {}),
  };
}
