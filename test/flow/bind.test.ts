import { expect, test } from 'vitest';
import { bindModule, camelCase } from '../../src/flow/bind.ts';
import { effect, MODULES, single, start } from './support.ts';

const LAMBDA = 'arn:aws:lambda:us-east-1:123456789012:function:analyzeTicket';

test.each([
  ['Any', 'module:analyzeTicket', 'analyzeTicket'],
  ['AnalyzeTicket', 'module:nobody', undefined],
  ['Any', LAMBDA, 'analyzeTicket'],
  ['Any', `${LAMBDA}:$LATEST`, 'analyzeTicket'],
  ['Any', `${LAMBDA}:7`, 'analyzeTicket'],
  ['Any', `${LAMBDA}:prod-1`, 'analyzeTicket'],
  ['SendWelcomeEmail', LAMBDA, 'analyzeTicket'],
  ['EscalateToAgent', 'arn:aws:lambda:us-east-1:1:function:unknown', 'escalateToAgent'],
  ['EscalateToAgent', 'arn:aws:states:...', 'escalateToAgent'],
  ['Resolve with bot', 'arn:aws:lambda:...', 'resolveWithBot'],
  ['Other', 'arn:aws:ses:...', undefined],
  ['Any', 'module:', undefined],
  ['Any', 'module:humanTask', 'askPeople'],
  ['HumanTask', LAMBDA, 'analyzeTicket'],
  ['Any', 'module:constructor', undefined],
])('%s with %s is bound to %s', (state, resource, module) => {
  expect(bindModule(state, resource, MODULES)).toBe(module);
});

test.each([
  ['AnalyzeTicket', 'analyzeTicket'],
  ['analyze-ticket', 'analyzeTicket'],
  ['Send SNS message', 'sendSNSMessage'],
  ['SLACheck', 'slaCheck'],
  ['SLA', 'sla'],
  ['Check2', 'check2'],
  ['?', ''],
])('%s in camelCase is %s', (name, expected) => {
  expect(camelCase(name)).toBe(expected);
});

test("lambda:invoke is bound by its Parameters' FunctionName", () => {
  const task = (name: string) => {
    const parameters = { FunctionName: name, Payload: {} };
    return effect(
      start(single({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: parameters })),
      'task',
    );
  };
  expect(bindModule('S', task('analyzeTicket').resource, MODULES)).toBe('analyzeTicket');
  expect(bindModule('S', task(`${LAMBDA}:$LATEST`).resource, MODULES)).toBe('analyzeTicket');
});
