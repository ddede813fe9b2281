import { expect } from 'vitest';
import { outcome } from '../../support/outcome.ts';
import type { Providers } from '../../support/providers.ts';
import { json } from '../../support/stand-ins/server.ts';
import { bodyOf, clickAt, sendForm, signedHeaders } from '../../support/stand-ins/slack-calls.ts';
import { routed } from '../support.ts';
import { EMAIL, mark, PERSON, TAG } from './person.ts';
import type { Scene } from './scene.ts';

/* What our own people and our providers say while somebody's ticket is dealt with. */

const ANA = 'U0ANA00001';

/** Posts a ticket of the person's, whose message bears this mark. */
async function ticket(scene: Scene, ticketId: string, subject: string, field: string): Promise<void> {
  const detail = { ...PERSON, ticketId, subject, message: `I have a question. ${mark(field)}` };
  const event = { source: 'support.platform', 'detail-type': 'ticket.created', detail };
  expect((await scene.post(event)).status).toBe(202);
}

/** By the form below a message of ours: a note, and an answer. */
export async function inSlack(scene: Scene, { slack }: Providers): Promise<void> {
  const send = async (payload: object) => {
    const body = bodyOf(payload);
    const answer = await scene.app.request('/v1/slack/interactions', {
      method: 'POST',
      headers: signedHeaders(body),
      body,
    });
    expect(answer.status).toBe(200);
    return answer;
  };
  for (const [end, field] of [
    ['note', 'slacknote'],
    ['reply', 'slackform'],
  ] as const) {
    const opened = slack.views.length;
    await outcome(async () => {
      // It asks anew with each thing that is said, by the newest message.
      const asking = slack.messages.findLast(
        ({ text, blocks }) => text.includes(`TKT-${TAG}`) && JSON.stringify(blocks).includes('"resolve"'),
      );
      if (!asking) throw new Error('no message with buttons yet');
      if (slack.views.length === opened) await send(clickAt(slack, asking, 'resolve', ANA));
      await outcome(() => expect(slack.views.length).toBeGreaterThan(opened));
    });
    await send(sendForm(slack, ANA, end, mark(field)));
    await outcome(async () => {
      const rows = scene.owner.selectFrom('messages').select('id').where('body', '=', mark(field));
      expect(await rows.execute()).toHaveLength(1);
    });
  }
}

/** Comprehend fails, in words that say what it was asked; it is left alone, people are told, and what was done without it is looked at again. */
export async function byIncident(scene: Scene, { aws }: Providers): Promise<void> {
  const answer = json(500, { __type: 'InternalServerException', message: `no sense in ${EMAIL} ${mark('provider')}` });
  const actions = ['DetectSentiment', 'DetectDominantLanguage'];
  for (const action of actions) aws.answerNext(answer, { action }, 10_000);
  await ticket(scene, `INC-${TAG}`, 'Login', 'incident');
  await routed(scene, `INC-${TAG}`);
  const incident = () =>
    scene.owner
      .selectFrom('provider_incidents')
      .selectAll()
      .where('provider', '=', 'comprehend')
      .executeTakeFirstOrThrow();
  await outcome(incident);
  for (const action of actions) aws.mend(action);
  await outcome(async () => expect((await incident()).over_at).not.toBeNull());
  const told = await scene.owner.selectFrom('incident_messages').select('status').execute();
  expect(told.map(({ status }) => status)).toEqual(expect.arrayContaining(['sent']));
  const shown = await scene.command('incident', 'list', '--json');
  expect(shown).toContain('comprehend');
  expect(shown).not.toContain(mark('provider'));
}

/** A flow asks our people about the ticket; one of them decides. */
export async function askedByFlow(scene: Scene): Promise<void> {
  const ticketId = `ASK-${TAG}`;
  await ticket(scene, ticketId, 'Ask', 'asked');
  const ofTicket = scene.owner.selectFrom('human_tasks').selectAll().where('ticket_id', '=', ticketId);
  const { id } = await outcome(() => ofTicket.executeTakeFirstOrThrow());
  const said = JSON.stringify({ by: 'ana', act: 'approve' });
  const headers = { ...scene.byKey, 'content-type': 'application/json' };
  await outcome(async () => {
    const answer = await scene.app.request(`/v1/tasks/${id}/decide`, { method: 'POST', headers, body: said });
    expect(answer.status).toBe(200);
  });
  await outcome(async () => expect((await ofTicket.executeTakeFirstOrThrow()).outcome).toBe('approve'));
}
