import type { ConsentRegister } from '../compose-privacy.ts';
import { StewardError } from '../domain/errors.ts';
import { whoOf } from '../domain/person.ts';
import type { PrivacyPolicy } from '../domain/privacy-policy.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable, sayTime } from './say.ts';

export interface ConsentOptions extends JsonOption {
  readonly at?: string;
  readonly evidence?: string;
}
interface Said {
  readonly who: string;
  readonly purpose: string;
  readonly status: string;
}

/** @throws StewardError InvalidRequest, CustomerUnknown */
export async function setConsent(context: Context, said: Said, options: ConsentOptions): Promise<void> {
  const { privacy } = await context.operator();
  const { purpose, status } = assertSaid(said, await privacy.policy());
  const at = options.at === undefined ? new Date(context.now()) : timeOf(options.at);
  const registers = await privacy.consents.show(whoOf(said.who));
  const [only, ...others] = registers;
  if (!only || others.length > 0) throw severalHave(registers);
  const { customerId } = only;
  const evidence = options.evidence === undefined ? null : labelOf(options.evidence);
  const outcome = await privacy.consents.set(customerId, { purpose, status, at, source: 'cli', evidence });
  if (options.json) return sayJson(context, { customerId, purpose, status, at: at.toISOString(), outcome });
  context.out(`${SAID[outcome](customerId, `${purpose}: ${status}`)}\n`);
}

const SAID = {
  changed: (id: string, what: string) => `${id}: ${what}`,
  known: (id: string, what: string) => `${id}: ${what} was recorded before; nothing changes.`,
  older: (id: string, what: string) => `${id}: ${what} is recorded, but what was said later stands.`,
} as const;

function assertSaid({ purpose, status }: Said, { purposes }: PrivacyPolicy) {
  if (!Object.hasOwn(purposes, purpose)) {
    const known = Object.keys(purposes).join(', ') || 'none';
    throw new StewardError(
      'InvalidRequest',
      `purpose: policies/privacy.yaml knows no "${purpose}"; its purposes: ${known}`,
    );
  }
  if (status !== 'granted' && status !== 'withdrawn') {
    throw new StewardError('InvalidRequest', 'status: expected granted or withdrawn');
  }
  return { purpose, status } as const;
}

function severalHave(registers: readonly ConsentRegister[]): StewardError {
  const ids = registers.map(({ customerId }) => customerId).join(', ');
  return new StewardError('InvalidRequest', `customer: several have this address; name one by the id: ${ids}`);
}

function timeOf(text: string): Date {
  const at = new Date(text);
  if (/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(at.getTime())) return at;
  throw new StewardError('InvalidRequest', '--at: expected a time of ISO 8601 such as 2026-04-23T10:15:00Z');
}

function labelOf(text: string): string {
  if (/^[^\p{Cc}\p{Cs}]{1,200}$/u.test(text)) return text;
  throw new StewardError('InvalidRequest', '--evidence: expected 1 to 200 printable characters on one line');
}

/** Whoever looks is logged first. @throws StewardError CustomerUnknown */
export async function showConsent(context: Context, who: string, options: JsonOption): Promise<void> {
  const { privacy } = await context.operator();
  const registers = await privacy.consents.show(whoOf(who));
  const entries = registers.reduce((sum, { history }) => sum + history.length, 0);
  await privacy.looked('consent.shown', { customers: registers.length, entries });
  if (options.json) return sayJson(context, registers);
  context.out(`${registers.map(sayRegister).join('\n\n')}\n`);
}

function sayRegister({ customerId, now, history }: ConsentRegister): string {
  if (history.length === 0) return `${customerId}: no consent was ever given or withdrawn.`;
  const current = now.map(({ purpose, status, at }) => [purpose, status, `since ${sayTime(at.toISOString())}`]);
  const said = history.map((line) => [
    sayTime(line.at.toISOString()),
    line.purpose,
    line.status,
    line.source,
    line.evidence ?? '-',
  ]);
  const table = sayTable([['SAID (UTC)', 'PURPOSE', 'STATUS', 'SOURCE', 'EVIDENCE'], ...said]);
  return `${customerId}\n${sayTable(current, '  ')}\n\n${table}`;
}
