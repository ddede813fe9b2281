import { expect, test, vi } from 'vitest';
import { retrying, testFile } from '../support/files.ts';
import { linesWay, smallTeam } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { entry } from './support.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Whatever of the language did not work inside a workflow would go to a person. */
const flow = testFile('lines.asl.json', {
  StartAt: 'Lines',
  TimeoutSeconds: 3600,
  States: {
    ...linesWay('Welcome', 'Escalate'),
    Welcome: { Type: 'Task', Resource: 'module:sendWelcomeEmail', Retry: retrying(3), End: true },
    Escalate: { Type: 'Task', Resource: 'module:escalateToAgent', Retry: retrying(3), End: true },
  },
});
const steward = useSteward({ settings: () => ({ STEWARD_FLOW: flow, STEWARD_TEAM: smallTeam() }) });

const short = testFile('short.asl.json', {
  StartAt: 'P',
  TimeoutSeconds: 2,
  States: {
    P: {
      Type: 'Parallel',
      Branches: [{ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 3600, End: true } } }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Never' }],
      End: true,
    },
    Never: { Type: 'Task', Resource: 'module:sendWelcomeEmail', End: true },
  },
});
const hurried = useSteward({ settings: () => ({ STEWARD_FLOW: short, STEWARD_TEAM: smallTeam() }) });

test('when the flow’s own time is over its step parks, and nothing catches that', async () => {
  const event = envelope();
  await hurried.post(event);
  const parked = await entry(hurried, event.detail.ticketId, 'parked');
  expect(parked?.facts).toMatchObject({ step: 'P#1', error: 'States.Timeout' });
});

test('branches, items, variables and expressions run inside a ticket’s workflow', async () => {
  const event = envelope();
  const { ticketId } = event.detail;
  await steward.post({ ...event, detail: { ...event.detail, subject: 'Three plain words' } });
  const templates = await outcome(async () => {
    const sent = (await steward.read.deliveries(ticketId)).map(({ template }) => template);
    expect(sent.length).toBeGreaterThan(0);
    return sent;
  });
  expect(templates[0]).toBe('welcome');
});
