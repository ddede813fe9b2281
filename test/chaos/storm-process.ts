/** A worker and a gateway in one process, for the test that kills the sending of a summary at each of its steps. The second argument: see `holdAt`. */
import { runBothHalves } from './both-halves.ts';
import { holdAt } from './holding.ts';

const [, , , plan = ''] = process.argv;
const { guard, at } = holdAt(plan);
const isSummary = ({ deliveryId }: { readonly deliveryId: string }) =>
  deliveryId.startsWith('summary-') ? 'post' : undefined;

await runBothHalves(({ composed: { deps } }) => {
  const { summaries, slack, mailer } = deps;
  if (!slack || !mailer) throw new Error('the test gives it Slack and mail');
  const { begin, finish } = summaries;
  Object.assign(summaries, {
    async begin(...asked) {
      const turn = await begin(...asked);
      // One of those that wait has it in hand now, and it is written.
      if (turn.turn === 'send') await at('after', 'claim');
      if (turn.turn === 'told') await at('after', 'hear');
      return turn;
    },
    finish: guard(finish, 'finish'),
  } satisfies Partial<typeof summaries>);
  Object.assign(slack, { post: guard(slack.post, isSummary) } satisfies Partial<typeof slack>);
  Object.assign(mailer, { send: guard(mailer.send, isSummary) } satisfies Partial<typeof mailer>);
});
