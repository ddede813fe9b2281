/** A system outside that flows call: it keeps what it was asked, and does a thing once for each key. */
import { afterAll, beforeAll } from 'vitest';
import { testFile } from '../support/files.ts';
import { smallTeam } from '../support/flow.ts';
import { json, type StandIn, startStandIn } from '../support/stand-ins/server.ts';
import { type TestSteward, useSteward } from '../support/steward.ts';
import { flowFiles } from './flow-run-support.ts';

export const SECRET = `whsec_${Buffer.from('a secret of 24 bytes or so').toString('base64')}`;

export interface HttpScene {
  readonly steward: TestSteward;
  readonly outside: StandIn;
}

/** `flows` are made when the address of the system is known. */
export function useHttp(
  flows: (url: string) => Readonly<Record<string, object>>,
  { timeout = '2 s' }: { readonly timeout?: string } = {},
): HttpScene {
  const held: { outside?: StandIn } = {};
  const outside = () => {
    if (!held.outside) throw new Error('it is there from the first beforeAll on');
    return held.outside;
  };
  beforeAll(async () => {
    held.outside = await startStandIn({
      action: ({ method, path }) => `${method} ${path.split('?')[0]}`,
      work: ({ path, body }) => json(200, { path, got: body === '' ? null : JSON.parse(body) }),
      refuse: (failure, retryAfter) =>
        json(Number(failure), { error: 'no' }, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    });
  });
  afterAll(() => held.outside?.stop());
  const steward = useSteward({
    settings: () => ({
      STEWARD_FLOW: flowFiles(flows(outside().url)),
      STEWARD_TEAM: smallTeam(),
      STEWARD_HTTP: testFile('http.yaml', {
        timeout,
        hosts: [
          {
            host: new URL(outside().url).host,
            secretEnv: 'CARRIER_SECRET',
            headersEnv: { authorization: 'CARRIER_LOGIN' },
          },
        ],
      }),
    }),
    secrets: { CARRIER_SECRET: SECRET, CARRIER_LOGIN: 'Bearer token-of-ours' },
  });
  return {
    steward,
    get outside() {
      return outside();
    },
  };
}
