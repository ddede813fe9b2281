/** The part of the API's description that human tasks are. */

interface Parts {
  readonly ref: (name: string) => object;
  readonly content: (type: string, schema: object) => object;
  readonly json: (description: string, schema: object) => object;
  readonly problems: (...statuses: number[]) => object;
  readonly security: readonly object[];
}

const ID = [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }];

export function taskPaths({ ref, content, json, problems, security }: Parts) {
  const task = json('The task, and how it stands', { type: 'object' });
  const body = (name: string) => ({ required: true, ...content('application/json', ref(name)) });
  return {
    '/v1/tasks': {
      post: {
        summary: 'People are asked to decide something',
        description: 'The first valid decision counts. The same again under its id is asked once.',
        security,
        requestBody: body('TaskAsked'),
        responses: { 200: task, 202: task, ...problems(400, 401, 403, 413, 422, 500, 503) },
      },
      get: {
        summary: 'Tasks, the newest 200 first: those that are open, or all of them',
        security,
        parameters: [{ name: 'state', in: 'query', schema: { enum: ['open', 'all'] } }],
        responses: {
          200: json('Tasks', { type: 'object', properties: { tasks: { type: 'array', items: { type: 'object' } } } }),
          ...problems(401, 403, 500, 503),
        },
      },
    },
    '/v1/tasks/{id}': {
      get: {
        summary: 'A task, and how it stands',
        security,
        parameters: ID,
        responses: { 200: task, ...problems(401, 403, 404, 500, 503) },
      },
    },
    '/v1/tasks/{id}/decide': {
      post: {
        summary: 'One of those asked decides; 409 says why it does not count, and who decided',
        description:
          'With a quorum, or where somebody is barred, only a key that is the agent’s own decides: one that speaks for many could be all of them.',
        security,
        parameters: ID,
        requestBody: body('TaskDecision'),
        responses: { 200: task, ...problems(400, 401, 403, 404, 409, 413, 422, 500, 503) },
      },
    },
    '/v1/tasks/{id}/delegate': {
      post: {
        summary: 'One of those asked lets somebody else decide in their place',
        security,
        parameters: ID,
        requestBody: body('TaskDelegation'),
        responses: { 200: task, ...problems(400, 401, 403, 404, 409, 413, 422, 500, 503) },
      },
    },
  };
}
