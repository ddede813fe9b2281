/** The part of the API's description that Tasks of flows are which wait for whoever has their token. */

interface Parts {
  readonly content: (type: string, schema: object) => object;
  readonly json: (description: string, schema: object) => object;
  readonly problems: (...statuses: number[]) => object;
  readonly security: readonly object[];
}

const token = { type: 'string', minLength: 1, description: 'As the Task has handed it out (`$$.Task.Token`).' };

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
