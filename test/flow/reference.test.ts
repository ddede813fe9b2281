import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/domain/json.ts';
import { bindModule } from '../../src/flow/bind.ts';
import { checkFlow } from '../../src/flow/check.ts';
import { parseFlow } from '../../src/flow/parse.ts';
import { effectOf, type FlowEvent, proceed, type Turn } from '../../src/flow/run.ts';
import type { Flow } from '../../src/flow/types.ts';
import { effect, error, MODULES, NOW, output, result, start } from './support.ts';

const load = (path: string): Json => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
const EVENT = load('test/fixtures/ticket-created.json');
const ANALYSIS = { ticketId: 'TKT-2026-0423', priority: 'MEDIUM', customerHistory: { isNew: false } };

/** Which module is called with what, until the flow ends; a module that is told to fail fails at every attempt. */
function drive(flow: Flow, answers: Record<string, FlowEvent>): { calls: string[]; turns: Turn[] } {
  const calls: string[] = [];
  const turns = [start(flow, EVENT)];
  for (;;) {
    const turn = turns.at(-1);
    if (!turn || turn.effect.kind === 'succeeded' || turn.effect.kind === 'failed') return { calls, turns };
    let event: FlowEvent = { kind: 'elapsed' };
    if (turn.effect.kind === 'task') {
      const module = bindModule(turn.effect.state, turn.effect.resource, MODULES) ?? 'nobody';
      calls.push(module);
      event = answers[module] ?? result({});
    }
    turns.push(proceed(flow, turn.position, event, { now: NOW }));
  }
}

const analysed = (more: object): FlowEvent => result({ ...ANALYSIS, ...more });
const HIGH = analysed({ priority: 'HIGH' });
const NEW = analysed({ customerHistory: { isNew: true } });
const ANSWERED = result({ answered: true });

describe('the reference flow, unchanged', () => {
  const definition = load('test/fixtures/reference-flow.asl.json');
  const flow = parseFlow(definition, 'reference');

  test('is checked with nothing but warnings of its three ends', () => {
    const problems = checkFlow(definition, { modules: MODULES, bound: 'error' });
    expect(problems.map((problem) => [problem.severity, problem.path])).toEqual([
      ['warning', '$.States.EscalateToAgent'],
      ['warning', '$.States.ResolveWithBot'],
      ['warning', '$.States.SendWelcomeEmail'],
    ]);
  });

  test.each([
    ['HIGH goes to an agent', HIGH, 'escalateToAgent'],
    ['a new customer is welcomed', NEW, 'sendWelcomeEmail'],
    ['any other goes to the bot', analysed({}), 'resolveWithBot'],
  ])('%s', (_rule, analysis, module) => {
    const { calls, turns } = drive(flow, { analyzeTicket: analysis });
    expect(calls).toEqual(['analyzeTicket', module]);
    expect(turns.at(-1)?.effect).toEqual({ kind: 'succeeded', output: {} });
  });

  test('gives the whole envelope to the first module', () => {
    expect(effect(start(flow, EVENT), 'task')).toMatchObject({ state: 'AnalyzeTicket', input: EVENT, maxAttempts: 1 });
  });
});

describe('the support escalation flow', () => {
  const definition = load('flows/support-escalation.asl.json');
  const flow = parseFlow(definition, 'support-escalation');

  test('is checked without a problem', () => {
    expect(checkFlow(definition, { modules: MODULES, bound: 'error' })).toEqual([]);
  });

  test.each([
    ['HIGH goes to an agent', { analyzeTicket: HIGH }, ['escalateToAgent']],
    [
      'HIGH goes to an agent, new or not',
      { analyzeTicket: analysed({ priority: 'HIGH', customerHistory: { isNew: true } }) },
      ['escalateToAgent'],
    ],
    ['an ordinary question is answered by the bot', { resolveWithBot: ANSWERED }, ['resolveWithBot']],
    [
      'what the bot is not sure of goes to an agent',
      { resolveWithBot: result({ answered: false }) },
      ['resolveWithBot', 'escalateToAgent'],
    ],
    [
      'a new customer is welcomed, then answered',
      { analyzeTicket: NEW, resolveWithBot: ANSWERED },
      ['sendWelcomeEmail', 'resolveWithBot'],
    ],
    [
      'a welcome that fails four times holds up no answer',
      { analyzeTicket: NEW, sendWelcomeEmail: error('ProviderFailed'), resolveWithBot: ANSWERED },
      [...times(4, 'sendWelcomeEmail'), 'resolveWithBot'],
    ],
    [
      'a bot that fails four times hands over to an agent',
      { resolveWithBot: error('ProviderFailed') },
      [...times(4, 'resolveWithBot'), 'escalateToAgent'],
    ],
  ])('%s', (_rule, answers, expected) => {
    const { calls, turns } = drive(flow, { analyzeTicket: analysed({}), ...answers });
    expect(calls).toEqual(['analyzeTicket', ...expected]);
    expect(turns.at(-1)?.effect.kind).toBe('succeeded');
  });

  test('keeps the analysis beside what the modules found', () => {
    const { turns } = drive(flow, { analyzeTicket: analysed({}), resolveWithBot: result({ answered: false }) });
    const end = turns.at(-1);
    expect(end && output(end)).toEqual({ ...ANALYSIS, bot: { answered: false }, escalation: {} });
  });

  test.each(['analyzeTicket', 'escalateToAgent'])(
    'a failing %s parks after four attempts, at 2, 4 and 8 s',
    (module) => {
      const { calls, turns } = drive(flow, { analyzeTicket: HIGH, [module]: error('ProviderFailed') });
      expect(calls.filter((call) => call === module)).toHaveLength(4);
      const waits = turns.flatMap(({ effect: e }) => (e.kind === 'wait' ? [(e.until - NOW) / 1000] : []));
      expect(waits).toEqual([2, 4, 8]);
      expect(turns.at(-1)?.effect).toMatchObject({ kind: 'failed', error: 'ProviderFailed' });
    },
  );

  test('every position can be taken up from JSON', () => {
    for (const { position, effect: expected } of drive(flow, { analyzeTicket: NEW, resolveWithBot: ANSWERED }).turns) {
      expect(effectOf(flow, JSON.parse(JSON.stringify(position)))).toEqual(expected);
    }
  });
});

function times(count: number, word: string): string[] {
  return Array.from({ length: count }, () => word);
}
