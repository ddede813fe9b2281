/** A worker and a gateway in one process, for the test that kills a canary's watch at each of its steps. The second argument: see `holdAt`. */
import { runBothHalves } from './both-halves.ts';
import { holdAt } from './holding.ts';

const [, , , plan = ''] = process.argv;
const { guard } = holdAt(plan);

await runBothHalves(({ composed: { deps } }) => {
  const { canaries, notices, slack } = deps;
  if (!slack) throw new Error('the test gives it Slack');
  Object.assign(canaries, {
    look: guard(canaries.look, 'look'),
    end: guard(canaries.end, 'end'),
  } satisfies Partial<typeof canaries>);
  Object.assign(notices, {
    beginMessage: guard(notices.beginMessage, 'begin'),
    finishMessage: guard(notices.finishMessage, 'finish'),
    rest: guard(notices.rest, 'rest'),
  } satisfies Partial<typeof notices>);
  Object.assign(slack, {
    post: guard(slack.post, ({ deliveryId }) => (deliveryId.startsWith('notice-') ? 'post' : undefined)),
  } satisfies Partial<typeof slack>);
});
