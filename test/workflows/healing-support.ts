/** A Steward that tends incidents, and what is to be seen of them. */
import { afterAll, beforeAll, expect } from 'vitest';
import { healWorkflowId } from '../../src/contract.ts';
import type { Watched } from '../../src/domain/circuit.ts';
import { startIncidentWaker } from '../../src/temporal/incident-waker.ts';
import { testFile } from '../support/files.ts';
import { smallTeam } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import type { Providers } from '../support/providers.ts';
import { type TestSteward, useSteward } from '../support/steward.ts';

type Settings = Readonly<Record<string, string>>;
type Part = Readonly<Record<string, unknown>>;

/** Pauses of a second are the shortest that the policy knows. */
export function healingFile(more: Part = {}): string {
  return testFile('healing.yaml', {
    circuit: { window: '1 min', openAfter: 3, share: '1 %' },
    probe: { firstPause: '1 s', longestPause: '1 s', closeAfter: 1 },
    againPerSecond: 50,
    ...more,
  });
}

export interface HealingScene {
  readonly steward: TestSteward;
  /** The provider's incidents, the oldest first. */
  incidents(provider: Watched): Promise<Awaited<ReturnType<typeof incidentsOf>>>;
  /** Waits until one is open, and answers its id. */
  opened(provider: Watched): Promise<string>;
  /** Waits until all is done about it. */
  over(incidentId: string): Promise<void>;
  messages(incidentId: string): Promise<readonly { occasion: string; channel: string; status: string }[]>;
  workflowOf(
    provider: Watched,
    incidentId: string,
  ): ReturnType<TestSteward['temporal']['client']['workflow']['getHandle']>;
}

export function useHealing(settings: () => Settings, policy: Part = {}): HealingScene {
  const steward = useSteward({
    settings: () => ({ STEWARD_TEAM: smallTeam(), STEWARD_HEALING: healingFile(policy), ...settings() }),
  });
  const held: { stop?: () => Promise<void> } = {};
  beforeAll(() => {
    held.stop = startIncidentWaker({
      client: steward.temporal.client,
      taskQueue: steward.taskQueue,
      wanting: steward.composed.deps.healing.incidents.wanting,
      onTrouble: (error) => console.error(error),
      lostAttemptMs: 10_000,
      everyMs: 50,
    }).stop;
  });
  afterAll(async () => {
    await held.stop?.();
    for (const { provider, id } of await incidentsOf(steward)) {
      await scene
        .workflowOf(provider, id)
        .terminate()
        .catch(() => {});
    }
  });
  const scene: HealingScene = {
    steward,
    incidents: async (provider) => (await incidentsOf(steward)).filter((incident) => incident.provider === provider),
    opened: (provider) =>
      outcome(async () => {
        const open = (await scene.incidents(provider)).find(({ closed_at }) => closed_at === null);
        if (!open) throw new Error(`no open incident of ${provider}`);
        return open.id;
      }),
    over: (incidentId) =>
      outcome(async () => {
        const incident = (await incidentsOf(steward)).find(({ id }) => id === incidentId);
        expect(incident?.over_at).toBeInstanceOf(Date);
      }),
    messages: (incidentId) =>
      steward.owner
        .selectFrom('incident_messages')
        .select(['occasion', 'channel', 'status'])
        .where('incident_id', '=', incidentId)
        .orderBy('updated_at')
        .execute(),
    workflowOf: (provider, incidentId) =>
      steward.temporal.client.workflow.getHandle(healWorkflowId({ provider, incidentId })),
  };
  return scene;
}

function incidentsOf({ owner }: TestSteward) {
  return owner.selectFrom('provider_incidents').selectAll().orderBy('id').execute();
}

/** Comprehend answers nothing but errors until `reset`. */
export function breakComprehend({ aws }: Providers): void {
  for (const action of ['DetectSentiment', 'DetectDominantLanguage']) aws.failNext('500', { action }, 10_000);
}
