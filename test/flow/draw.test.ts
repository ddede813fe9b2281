import { expect, test } from 'vitest';
import { drawFlow } from '../../src/flow/draw.ts';
import { flowOf } from './support.ts';

test('a flow is drawn with its rules, its ends and, dotted, its catches', () => {
  const flow = flowOf({
    Work: { Type: 'Task', Resource: 'x', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Sorry' }], Next: 'Ask' },
    Ask: { Type: 'Choice', Choices: [{ Variable: '$.a', StringEquals: '<"b">', Next: 'Rest' }], Default: 'Good' },
    Rest: { Type: 'Wait', Seconds: 1, End: true },
    Good: { Type: 'Succeed' },
    Sorry: { Type: 'Fail' },
  });
  expect(drawFlow(flow)).toBe(`flowchart TD
  start((start))
  s0["Work"]
  s1{"Ask"}
  s2[/"Rest"/]
  s3(["Good"])
  s4(["Sorry"])
  done((end))
  start --> s0
  s0 --> s1
  s0 -.->|"States.ALL"| s4
  s1 -->|"$.a = #34;#60;\\#34;b\\#34;#62;#34;"| s2
  s1 -->|"otherwise"| s3
  s2 --> done
`);
});
