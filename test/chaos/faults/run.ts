import { setTimeout as sleep } from 'node:timers/promises';
import type { TemporalBinary } from '../../../src/embedded/temporal-version.ts';
import { startStage } from '../servers.ts';
import { begin, type Cast, newCast } from './acting.ts';
import { breakOne, outage } from './breaking.ts';
import { comeToRest } from './ending.ts';
import { contradictions } from './invariants.ts';
import { openScene, type Scene } from './scene.ts';
import { type Script, sayFault, sayOutage, scriptOf } from './script.ts';

export interface Figures {
  readonly [name: string]: number;
}
export interface Played {
  readonly figures: Figures;
  /** What must not be; empty: all is well. */
  readonly found: readonly string[];
}

/** The fault run: people at work on a Steward in which, one after another, everything breaks; then a look at what must be true. */
export async function playFaults(
  { seed, ms, binary }: { readonly seed: number; readonly ms: number; readonly binary: TemporalBinary },
  say: (line: string) => void,
): Promise<Played> {
  const script = scriptOf(seed, ms);
  const stage = await startStage(binary);
  try {
    const scene = await openScene(stage);
    try {
      await scene.start();
      const cast = newCast();
      await play(scene, cast, script, say);
      say('nothing breaks any more; all comes to rest');
      const unsettled = await comeToRest(scene, cast);
      const ended = scene.child().endedByItself ? [`Steward ended by itself: ${scene.child().said()}`] : [];
      return {
        figures: await count(scene, cast, script),
        found: [...unsettled, ...ended, ...(await contradictions(scene, cast))],
      };
    } finally {
      await scene.end();
    }
  } finally {
    await stage.stop();
  }
}

/** Acts and faults each at their time, or as soon after as what went before lets them. */
async function play(
  scene: Scene,
  cast: Cast,
  { acts, faults, outages }: Script,
  say: (line: string) => void,
): Promise<void> {
  const begun = Date.now();
  const until = (at: number) => sleep(Math.max(0, begun + at - Date.now()));
  const people = async () => {
    for (const act of acts) {
      await until(act.at);
      begin(scene, cast, act);
    }
  };
  const sayNow = (what: string) => say(`${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${what}`);
  const trouble = async () => {
    for (const fault of faults) {
      await until(fault.at);
      sayNow(sayFault(fault));
      await breakOne(scene, fault);
    }
  };
  const away = async () => {
    for (const one of outages) {
      await until(one.at);
      sayNow(sayOutage(one));
      cast.callsInOutages.push(await outage(scene, one));
    }
  };
  await Promise.all([people(), trouble(), away()]);
}

async function count(
  { db, aws, slack, pagerDuty }: Scene,
  { said, kinds }: Cast,
  { faults, outages }: Script,
): Promise<Figures> {
  const { n } = await db
    .selectFrom('timeline')
    .select((is) => is.fn.countAll<string>().as('n'))
    .where('kind', 'in', ['slaWarned', 'slaBreached'])
    .executeTakeFirstOrThrow();
  const unknown = await db.selectFrom('deliveries').select('id').where('status', '=', 'unknown').execute();
  const mailed = aws.mails.map(({ parsed }) => String(parsed.headers.get('x-delivery-id')));
  const clicks = said.filter(({ what }) => ['claim', 'answer', 'resolve'].includes(what));
  return {
    tickets: kinds.size,
    replies: said.filter(({ what }) => what === 'reply').length,
    'clicks taken': clicks.filter(({ outcome }) => outcome === 'taken').length,
    'clicks refused': clicks.filter(({ outcome }) => outcome === 'refused').length,
    'clicks nobody answered': clicks.filter(({ outcome }) => outcome === 'unknown').length,
    kills: faults.filter(({ fault }) => fault === 'kill').length,
    hangs: faults.filter(({ fault }) => fault === 'hang').length,
    'faults of providers': faults.filter(({ fault }) => fault === 'provider').length,
    'providers away': outages.length,
    incidents: (await db.selectFrom('provider_incidents').select('id').execute()).length,
    'tickets that did without': (await db.selectFrom('degraded_tickets').select('ticket_id').execute()).length,
    'judged again': (await db.selectFrom('timeline').select('seq').where('kind', '=', 'enrichedAgain').execute())
      .length,
    'SLA events': Number(n),
    pages: pagerDuty.incidents.length,
    'to Slack': slack.messages.length,
    mails: mailed.length,
    'copies of mails': mailed.length - new Set(mailed).size,
    'deliveries unknown': unknown.length,
    summaries: (await db.selectFrom('message_windows').select('id').where('status', '=', 'sent').execute()).length,
  };
}
