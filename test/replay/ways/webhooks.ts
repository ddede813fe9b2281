/** The ways of webhooks: an endpoint is told what happens to tickets. */
import { expect } from 'vitest';
import { webhookWorkflowId } from '../../../src/contract.ts';
import { outcome } from '../../support/outcome.ts';
import { escalated } from '../../workflows/support.ts';
import { useWebhooks } from '../../workflows/webhook-support.ts';
import { type Keep, way } from '../record.ts';

export function webhookWays(): void {
  const scene = useWebhooks(
    { plain: {}, away: {} },
    { circuit: { openAfter: 3, firstPause: '1 s', longestPause: '1 s' } },
  );
  const { steward } = scene;
  const keepOf = (keep: Keep, endpoint: string) => keep(steward, webhookWorkflowId(scene.name(endpoint)));

  way('webhooks-told', 'told of a ticket, and woken for another one', async (keep) => {
    for (let i = 0; i < 2; i++) {
      await escalated(steward);
      await scene.allSent('plain');
      await atRest(scene, 'plain');
    }
    await keepOf(keep, 'plain');
  });
  way('webhooks-away', 'the circuit opens, is probed in vain, and closes', async (keep) => {
    scene.receiver.failNext('500', { action: '/away' }, 5);
    await escalated(steward);
    await scene.allSent('away');
    await atRest(scene, 'away');
    await keepOf(keep, 'away');
  });
}

/** No pass is under way: what follows is waited for. */
async function atRest({ steward, name, rows }: ReturnType<typeof useWebhooks>, endpoint: string): Promise<void> {
  await outcome(async () => {
    const held = await steward.owner
      .selectFrom('webhook_endpoints')
      .select('held_until')
      .where('name', '=', name(endpoint))
      .executeTakeFirst();
    expect(held).toEqual({ held_until: null });
    expect((await rows(endpoint)).length).toBeGreaterThan(0);
  });
}
