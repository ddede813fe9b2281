import { json, retryHeader, type StandIn, startStandIn } from './server.ts';

export interface StatuspageStandIn extends StandIn {
  /** What `/api/v2/summary.json` says; a test sets what it needs. */
  readonly summary: {
    status: { indicator: string; description: string };
    components: { name: string; status: string; group?: boolean }[];
    incidents: { name: string; status: string; impact: string }[];
  };
}

export async function startStatuspage(): Promise<StatuspageStandIn> {
  const summary: StatuspageStandIn['summary'] = {
    status: { indicator: 'none', description: 'All Systems Operational' },
    components: [{ name: 'API', status: 'operational' }],
    incidents: [],
  };
  const server = await startStandIn({
    action: ({ path }) => path,
    work: ({ method, path }) =>
      method === 'GET' && path === '/api/v2/summary.json'
        ? json(200, { page: { id: 'p1', name: 'Example' }, scheduled_maintenances: [], ...summary })
        : json(404, { error: 'not found' }),
    refuse: (failure, retryAfter) => json(Number(failure), { error: failure }, retryHeader(retryAfter)),
  });
  return Object.assign(server, { summary });
}
