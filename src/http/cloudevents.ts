/** CloudEvents 1.0 over HTTP, structured and binary, as the envelope they stand for. */
import { DETAIL_TYPES } from '../domain/envelope.ts';
import type { Problem } from '../domain/errors.ts';
import { sayKind } from '../schema/problems.ts';
import { parseJson } from './body.ts';
import { Refusal } from './refusal.ts';

/** An event before it is judged, and how its sender calls our fields. */
export interface RawEvent {
  readonly value: unknown;
  /** Problems of the CloudEvents frame itself. */
  readonly problems: readonly Problem[];
  /** `detail.ticketId` -> `data.ticketId`, `source` -> `ce-source`. */
  readonly rename: (field: string) => string;
}

type Attributes = Readonly<Record<string, unknown>>;

/** @throws Refusal 400 NotJson */
export function structured(body: Uint8Array): RawEvent {
  const event = parseJson(body);
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return { value: event, problems: [], rename: inData };
  }
  const attributes = event as Attributes;
  const problems = frameProblems(attributes, (name) => name);
  const type = attributes.datacontenttype;
  if (type !== undefined && type !== null && !(typeof type === 'string' && isJson(mediaType(type)))) {
    problems.push({ field: 'datacontenttype', message: `expected application/json, got ${sayKind(type)}` });
  }
  return { value: asEnvelope(attributes, dataOf(attributes, problems)), problems, rename: inData };
}

/** @throws Refusal 400 NotJson */
export function binary(headers: Headers, body: Uint8Array): RawEvent {
  const problems: Problem[] = [];
  const attributes: Record<string, string> = {};
  for (const name of ['specversion', 'id', 'source', 'type', 'time']) {
    const raw = headers.get(`ce-${name}`);
    if (raw === null) continue;
    const value = decodeHeader(raw);
    if (value === undefined)
      problems.push({ field: `ce-${name}`, message: 'expected percent-encoded UTF-8, got something else' });
    else attributes[name] = value;
  }
  problems.push(...frameProblems(attributes, (name) => `ce-${name}`));
  const rename = (field: string) =>
    field.startsWith('detail.') || field === 'detail' ? inData(field) : `ce-${inData(field)}`;
  return { value: asEnvelope(attributes, parseJson(body)), problems, rename };
}

export function mediaType(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

export function isJson(type: string): boolean {
  return type === 'application/json' || type === 'text/json' || type.endsWith('+json');
}

function frameProblems(attributes: Attributes, field: (name: string) => string): Problem[] {
  const problems: Problem[] = [];
  if (attributes.specversion !== '1.0') {
    problems.push({ field: field('specversion'), message: `expected "1.0", got ${sayKind(attributes.specversion)}` });
  }
  if (attributes.id === undefined || attributes.id === null) {
    const message = `expected 1 to 200 printable characters on one line, got ${sayKind(attributes.id)}`;
    problems.push({ field: field('id'), message });
  }
  return problems;
}

function asEnvelope(attributes: Attributes, data: unknown): unknown {
  const { id, source, time, type } = attributes;
  return { id, source, time, 'detail-type': detailType(type), detail: data };
}

/** `ticket.created`, or a reverse-DNS name that ends so, such as `com.example.ticket.created`. */
function detailType(type: unknown): unknown {
  return typeof type === 'string' ? (DETAIL_TYPES.find((known) => type.endsWith(`.${known}`)) ?? type) : type;
}

function dataOf(attributes: Attributes, problems: Problem[]): unknown {
  const base64 = attributes.data_base64;
  if (base64 === undefined || base64 === null) return attributes.data;
  const said = 'expected JSON in UTF-8, encoded as base64';
  if (typeof base64 !== 'string') {
    problems.push({ field: 'data_base64', message: `${said}, got ${sayKind(base64)}` });
    return attributes.data;
  }
  try {
    return parseJson(Buffer.from(base64, 'base64'));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    problems.push({ field: 'data_base64', message: `${said}, got something else` });
    return undefined;
  }
}

function inData(field: string): string {
  if (field === 'detail-type') return 'type';
  return field === 'detail' || field.startsWith('detail.') ? `data${field.slice('detail'.length)}` : field;
}

/** Older senders quote a value instead of percent-encoding it; the binding asks receivers to take both. */
function decodeHeader(raw: string): string | undefined {
  const quoted = /^"(.*)"$/s.exec(raw)?.[1];
  const text = quoted === undefined ? raw : quoted.replace(/\\(.)/gs, '$1');
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
