import { parse } from 'yaml';

export interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly environment?: Readonly<Record<string, string | number | boolean | null>>;
  readonly secrets?: readonly (string | { readonly source: string; readonly target: string })[];
  /** Started by name alone: a command, not a part of what runs. */
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly network_mode?: string;
  readonly privileged?: boolean;
}
export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

export function parseCompose(text: string): Compose {
  return parse(text, { merge: true });
}

const SECRET = /PASSWORD|PWD|SECRET|TOKEN|KEY/;
/** A version down to what the image's maker releases: `18.6-trixie`, `1.32.0`; never `18`, `latest` or nothing. */
const PINNED = /^[a-z0-9][a-z0-9._/-]*:\d+\.\d+[\w.-]*$/;

/** What in a compose file breaks our rules for production, as `service: what`. */
export function composeOffences({ services, volumes, secrets }: Compose): string[] {
  const jobs = new Set(
    waits(services).flatMap(([, on, how]) => (how === 'service_completed_successfully' ? [on] : [])),
  );
  const found = Object.entries(services).flatMap(([name, service]) =>
    [...serviceOffences(service, jobs.has(name), volumes), ...secretOffences(service, secrets)].map(
      (offence) => `${name}: ${offence}`,
    ),
  );
  for (const [name, on, how] of waits(services)) {
    const other = services[on];
    if (!other) found.push(`${name}: waits for ${on}, which is not there`);
    else if (how === 'service_healthy' && !other.healthcheck) found.push(`${name}: waits for the health of ${on}`);
  }
  return found;
}

function secretOffences(service: Service, secrets: Compose['secrets']): string[] {
  const { environment = {}, secrets: mounted = [] } = service;
  const sources = mounted.map((secret) => (typeof secret === 'string' ? secret : secret.source));
  const given = mounted.map((secret) => (typeof secret === 'string' ? secret : secret.target));
  const found = sources.filter((name) => !(name in secrets)).map((name) => `secret ${name} is not declared`);
  for (const [key, value] of Object.entries(environment)) {
    const [, name] = /\/run\/secrets\/(\w+)/.exec(String(value)) ?? [];
    if (name !== undefined && !given.includes(name)) found.push(`${key} names a secret that is not mounted`);
  }
  return found;
}

function waits(services: Compose['services']): [name: string, on: string, how: string][] {
  return Object.entries(services).flatMap(([name, service]) =>
    Object.entries(service.depends_on ?? {}).map(([on, { condition }]): [string, string, string] => [
      name,
      on,
      condition,
    ]),
  );
}

function serviceOffences(service: Service, job: boolean, volumes: Compose['volumes']): string[] {
  const { image = '', environment = {}, ports = [], restart, healthcheck } = service;
  const runs = !job && service.profiles === undefined;
  const found: string[] = [];
  if (!PINNED.test(image)) found.push(`image ${image || 'missing'} is not pinned`);
  if (image.includes('auto-setup')) found.push('image auto-setup is deprecated');
  if (service.privileged || service.network_mode === 'host') found.push('is not kept apart from this machine');
  for (const port of ports) if (!port.startsWith('127.0.0.1:')) found.push(`port ${port} is open to the network`);
  if (job && !restart?.startsWith('on-failure')) found.push('a job is tried again when it fails, and only then');
  if (runs && restart !== 'unless-stopped') found.push('does not come back after a crash');
  if (runs && !healthcheck) found.push('has no health check');
  if (healthcheck?.test.some((word) => /\bcurl\b/.test(word))) found.push('its image has no curl');
  for (const [key, value] of Object.entries(environment)) {
    if (SECRET.test(key) && !isHidden(value)) found.push(`${key} is written down`);
    if (typeof value === 'string' && hasPassword(value)) found.push(`${key} holds a password`);
  }
  for (const volume of service.volumes ?? []) {
    const [source = ''] = volume.split(':');
    if (!source.startsWith('./') && !(source in volumes)) found.push(`volume ${source} is not declared`);
    if (source.startsWith('./') && !volume.endsWith(':ro')) found.push(`${source} can be written to`);
  }
  return found;
}

/** A password in an address that is not filled in from outside. */
function hasPassword(value: string): boolean {
  return /:\/\/[^/@:]*:[^/@$][^/@]*@/.test(value.replaceAll(/\$\{[^}]*\}/g, '$'));
}

/** Passed on, required, or with a default that says what it is for. */
function isHidden(value: unknown): boolean {
  if (typeof value === 'string' && /^(\$\{\w+:\+)?\/run\/secrets\/\w+\}?$/.test(value)) return true;
  return value === null || (typeof value === 'string' && /^\$\{[A-Z_]+:(\?|-local-only)[^}]*\}$/.test(value));
}
