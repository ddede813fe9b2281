import type { Json, JsonObject } from '../domain/json.ts';
import { sayProvenance } from '../domain/timeline-words.ts';

/** A ticket's facts, one a row: which, what it is, where it comes from, how long that took and how it went. */
export function factRows(facts: JsonObject): string[][] {
  const sentiment = part(facts.sentiment);
  const customer = part(facts.customer);
  const status = part(facts.status);
  return [
    ...(sentiment ? [['sentiment', saySentiment(sentiment), sayProvenance(sentiment)]] : []),
    ...(typeof facts.language === 'string' ? [['language', facts.language, '']] : []),
    ...(customer ? [['customer', sayCustomer(customer), sayProvenance(customer)]] : []),
    ...(status ? [['system status', sayStatus(status), sayProvenance(status)]] : []),
  ];
}

function saySentiment(sentiment: JsonObject): string {
  const score = typeof sentiment.score === 'number' ? `, score ${sentiment.score}` : '';
  return `${sentiment.label}, confidence ${round(sentiment.confidence)}${score}`;
}

function sayCustomer(customer: JsonObject): string {
  const tier = part(customer.tier) ?? {};
  const history = part(customer.history) ?? {};
  const origin = tier.crm === null || tier.crm === undefined ? 'as the event says' : 'as the CRM says';
  const differs = tier.crm && tier.envelope && tier.crm !== tier.envelope ? ` (the event said ${tier.envelope})` : '';
  const before = history.isNew === true ? 'new' : `tickets before: ${history.ticketsSoFar ?? 0}`;
  return `tier ${tier.effective ?? 'unknown'} ${tier.crm || tier.envelope ? origin : 'by default'}${differs}; ${before}`;
}

function sayStatus(status: JsonObject): string {
  const incidents = Array.isArray(status.incidents) ? status.incidents.filter((i) => typeof i === 'string') : [];
  return incidents.length > 0 ? `${status.indicator}: ${incidents.join(', ')}` : String(status.indicator);
}

function part(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

function round(value: Json | undefined): number {
  return Math.round(Number(value ?? 0) * 100) / 100;
}
