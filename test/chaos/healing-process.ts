/** A worker and a gateway in one process, for the test that kills an incident at each of its steps. The second argument: see `holdAt`. */
import { runBothHalves } from './both-halves.ts';
import { holdAt } from './holding.ts';

const [, , , plan = ''] = process.argv;
const { guard, at } = holdAt(plan);

await runBothHalves(({ composed: { deps } }) => {
  const { healing, slack, comprehend, tickets } = deps;
  const { circuits, incidents, probes } = healing;
  if (!slack || !comprehend || !probes.comprehend) throw new Error('the test gives it Slack and Comprehend');
  Object.assign(circuits, {
    failed: guard(circuits.failed, 'count'),
    degraded: guard(circuits.degraded, 'note'),
  } satisfies Partial<typeof circuits>);
  const { wanting, beginMessage, finishMessage, probed, toLookAgain, lookedAgain, end } = incidents;
  Object.assign(incidents, {
    async wanting() {
      const found = await wanting();
      if (found.length > 0) await at('before', 'wake');
      return found;
    },
    beginMessage: guard(beginMessage, ({ occasion }) => `begin ${occasion}`),
    finishMessage: guard(finishMessage, ({ occasion }) => `finish ${occasion}`),
    probed: guard(probed, (_id, _probing, closes) => (closes ? 'close' : 'probed')),
    toLookAgain: guard(toLookAgain, 'list'),
    lookedAgain: guard(lookedAgain, 'tick off'),
    end: guard(end, 'end'),
  } satisfies Partial<typeof incidents>);
  Object.assign(probes, { comprehend: guard(probes.comprehend, 'probe') });
  Object.assign(slack, {
    post: guard(slack.post, ({ deliveryId }) => {
      const occasion = /^incident-\d+-(\w+)-/.exec(deliveryId)?.[1];
      return occasion && `post ${occasion}`;
    }),
  } satisfies Partial<typeof slack>);
  Object.assign(comprehend, {
    // What a probe asks about is no ticket's.
    detect: guard(comprehend.detect, (text) => (text.includes('charged') ? 'ask' : undefined)),
  } satisfies Partial<typeof comprehend>);
  Object.assign(tickets, {
    record: guard(tickets.record, ({ entries }) =>
      entries.some(({ kind }) => kind === 'enrichedAgain') ? 'record' : undefined,
    ),
  } satisfies Partial<typeof tickets>);
});
