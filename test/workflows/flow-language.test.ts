import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { retrying, testFile } from '../support/files.ts';
import { smallTeam } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { envelope, useSteward } from '../support/steward.ts';

const SUBJECT = 'Three plain words';
const is = (Variable: string, StringEquals: string) => ({ Variable, StringEquals });

/** What the flow makes of its input decides the way: a sandbox that lacks what a function needs would go to a person, or fail. */
const flow = testFile('language.asl.json', {
  StartAt: 'Make',
  States: {
    Make: {
      Type: 'Pass',
      Parameters: {
        'hash.$': "States.Hash($.detail.subject, 'SHA-256')",
        'text.$': "States.Base64Decode(States.Base64Encode(States.Format('{} – ü', $.detail.subject)))",
        'words.$': "States.ArrayLength(States.StringSplit($.detail.subject, ' '))",
        'found.$': "States.ArrayLength($.detail[?(@ == 'Three plain words')])",
        'id.$': 'States.UUID()',
      },
      Next: 'Choose',
    },
    Choose: {
      Type: 'Choice',
      Choices: [
        {
          And: [
            is('$.hash', createHash('sha256').update(SUBJECT).digest('hex')),
            is('$.text', `${SUBJECT} – ü`),
            { Variable: '$.words', NumericEquals: 3 },
            { Variable: '$.found', NumericEquals: 1 },
            { Variable: '$.id', StringMatches: '*-*-4*-*-*' },
          ],
          Next: 'Welcome',
        },
      ],
      Default: 'Escalate',
    },
    Welcome: { Type: 'Task', Resource: 'module:sendWelcomeEmail', Retry: retrying(3), End: true },
    Escalate: { Type: 'Task', Resource: 'module:escalateToAgent', Retry: retrying(3), End: true },
  },
});
const steward = useSteward({ settings: () => ({ STEWARD_FLOW: flow, STEWARD_TEAM: smallTeam() }) });

test('searches and functions of a flow run inside a workflow as they do outside', async () => {
  const event = envelope();
  const { ticketId } = event.detail;
  await steward.post({ ...event, detail: { ...event.detail, subject: SUBJECT } });
  // To a person as well, once the flow is through: nobody else has the ticket then.
  await outcome(async () => {
    expect((await steward.read.deliveries(ticketId)).map(({ template }) => template)).toContain('welcome');
  });
});
