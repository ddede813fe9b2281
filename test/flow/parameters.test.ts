/** What a Task gives to a module that lives by it: judged as far as the definition says it. */
import { expect, test } from 'vitest';
import { MODULES, PARAMETERS, UNTIMED } from '../../src/domain/modules.ts';
import { checkFlow } from '../../src/flow/check.ts';

const RIGHT = { question: 'Refund it?', audience: ['ana', 'team/billing'], form: ['approve', 'refuse'] };

function problemsOf(more: object, resource = 'module:askPeople') {
  const state = { Type: 'Task', Resource: resource, End: true, ...more };
  const definition = { StartAt: 'S', States: { S: state } };
  const found = checkFlow(definition, { modules: MODULES, bound: 'error', parameters: PARAMETERS, untimed: UNTIMED });
  return found.map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
}
const given = (Parameters: unknown) => problemsOf({ Parameters });

test('what is right has no problems, by whatever way it is given', () => {
  expect(given(RIGHT)).toEqual([]);
  expect(given({ ...RIGHT, 'dueSeconds.$': '$.due', quorum: 2, otherwise: 'refuse' })).toEqual([]);
  const invoke = 'arn:aws:states:::lambda:invoke';
  expect(problemsOf({ Parameters: { FunctionName: 'askPeople', Payload: RIGHT } }, invoke)).toEqual([]);
});

test('what people are asked can not be computed, not even as a whole', () => {
  const computed = problemsOf(
    { Parameters: { FunctionName: 'askPeople', 'Payload.$': '$.all' } },
    'arn:aws:states:::lambda:invoke',
  );
  expect(computed).toEqual([
    'error $.States.S.Parameters.Payload: expected an object with its fields: what askPeople gets can not come by one path as a whole',
  ]);
});

test.each([
  [{ ...RIGHT, question: '' }, '.question: expected one line'],
  [{ ...RIGHT, question: 'Refund mira@customer.example?' }, '.question: holds an e-mail address'],
  [{ ...RIGHT, audience: [] }, '.audience: expected a list of who may decide'],
  [{ question: 'So?', audience: ['ana'] }, '.form: expected a list of what may be said'],
  [{ ...RIGHT, form: ['approve', 'approve'] }, '.form: names one twice'],
  [{ ...RIGHT, quorum: 0 }, '.quorum: how many have to say the same'],
  [{ ...RIGHT, quorum: 2 }, '.dueSeconds: expected a time, since people may disagree'],
  [{ ...RIGHT, otherwise: 'refuse' }, '.dueSeconds: expected when "otherwise" counts'],
  [{ ...RIGHT, due: 5 }, '.due: is no field; the fields are kind, question'],
  [{ ...RIGHT, 'due.$': '$.due' }, '.due: is no field'],
  [{ ...RIGHT, id: 'x' }, '.id: is no field'],
  [
    { audience: RIGHT.audience, form: RIGHT.form, 'question.$': "States.Format('Refund {}?', $.detail.customerName)" },
    '.question: expected words of the flow itself and no path',
  ],
  [
    { question: RIGHT.question, audience: RIGHT.audience, 'form.$': '$.labels' },
    '.form: expected words of the flow itself and no path',
  ],
  [
    { ...RIGHT, dueSeconds: 60, 'otherwise.$': '$.detail.customerName' },
    '.otherwise: expected words of the flow itself and no path',
  ],
  [[], '.task: expected an object with question, audience and form'],
])('names what is wrong: %j', (parameters, said) => {
  const [problem, ...more] = given(parameters);
  expect(more).toEqual([]);
  expect(problem?.replace(/expected (how many)/, '$1')).toContain(`error $.States.S.Parameters${said}`);
});

test('without Parameters there is nothing to ask, and a time of the Task ends no task', () => {
  expect(problemsOf({})).toEqual(['error $.States.S: Parameters is missing: askPeople lives by it']);
  expect(problemsOf({ Parameters: RIGHT, TimeoutSeconds: 60 })).toEqual([
    'error $.States.S: askPeople waits for people, whatever TimeoutSeconds says; give it dueSeconds in its Parameters instead',
  ]);
});

test('a module that lives by no Parameters is left alone', () => {
  expect(problemsOf({ TimeoutSeconds: 60 }, 'module:sendWelcomeEmail')).toEqual([]);
});

test('in JSONata what is written is judged, and what an expression finds is not', () => {
  const arguments_ = (Arguments: unknown) => problemsOf({ QueryLanguage: 'JSONata', Arguments });
  expect(arguments_({ ...RIGHT, dueSeconds: '{% $states.input.due %}' })).toEqual([]);
  expect(arguments_({ ...RIGHT, quorum: 0 })).toEqual([
    expect.stringContaining('$.States.S.Arguments.quorum: expected how many'),
  ]);
  expect(arguments_({ ...RIGHT, question: '{% $states.input.text %}' })).toEqual([
    expect.stringContaining('.question: expected words of the flow itself'),
  ]);
  expect(arguments_('{% $states.input %}')).toEqual([expect.stringContaining('can not come by one path as a whole')]);
  expect(problemsOf({ QueryLanguage: 'JSONata' })).toEqual([expect.stringContaining('Arguments is missing')]);
});
