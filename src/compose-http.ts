/** Whom flows may call, from policies/http.yaml. */
import { createHttpCaller, type HttpHost } from './adapters/http-caller.ts';
import { wrongWebhook } from './adapters/standard-webhooks.ts';
import type { HttpCaller } from './deps-http.ts';
import { StewardError } from './domain/errors.ts';
import { HEADER_TEXT } from './domain/http-call.ts';
import type { HttpPolicyFile } from './schema/http-policy.ts';

export interface ComposedHttp {
  readonly caller: HttpCaller;
  /** The worker's alone: the gateway need not hold the secrets. @throws StewardError InvalidConfig: a host's secret is missing */
  load(): void;
}

/** @param policy null: nobody is called */
export function composeHttp(
  policy: HttpPolicyFile | null,
  secretOf: (name: string) => string | undefined,
): ComposedHttp {
  let caller = createHttpCaller({ hosts: [], timeoutMs: 1 });
  const needed = (setting: string, host: string) => {
    const secret = secretOf(setting);
    if (secret !== undefined) return secret;
    throw new StewardError(
      'InvalidConfig',
      `${setting}: expected the secret that ${host} of policies/http.yaml knows us by`,
    );
  };
  return {
    caller: { hostOf: (call) => caller.hostOf(call), send: (call, how) => caller.send(call, how) },
    load() {
      if (policy === null) return;
      const hosts = policy.hosts.map(
        ({ host, secretEnv, headersEnv, addresses }): HttpHost => ({
          host,
          secrets: secretEnv.map((setting) => needed(setting, host)),
          headers: Object.fromEntries(
            Object.entries(headersEnv).map(([name, setting]) => [name, headerOf(setting, needed(setting, host))]),
          ),
          addresses,
        }),
      );
      caller = createHttpCaller({ hosts, timeoutMs: policy.timeout });
    },
  };
}

function headerOf(setting: string, secret: string): string {
  if (HEADER_TEXT.test(secret)) return secret;
  throw new StewardError(
    'InvalidConfig',
    `${setting}: expected one line of letters, digits and signs (ASCII), as it is sent`,
  );
}

/** As a receiver judges a request of ours now. */
export function isSignedBy(secret: string, headers: { get(name: string): string | null }, body: string): boolean {
  return wrongWebhook(headers, body, [secret], Date.now()) === null;
}
