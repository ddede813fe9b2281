import type { ErasureDeps } from '../../deps-erasure.ts';
import type { ErasureRow } from '../../deps-erasure-store.ts';
import { dateIn } from '../../domain/calendar.ts';
import { erasedIn, keptIn } from '../../domain/erase.ts';
import { errorCode, ProviderError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { type Letter, type LetterParts, sendLetter } from '../letter.ts';
import { mailFile } from './mail-file.ts';
import { askedOf, isSpokenOf, particularsOf, rowOf } from './request.ts';

export type MailParts = LetterParts & { readonly erasure: ErasureDeps };
export type OfficerNews = 'approval' | 'superseded' | 'parked' | 'warning' | 'late' | 'found';

/** The rest is told by the command that the mail names. */
const MOST_FINDINGS = 20;

type Composed = Pick<Letter, 'to' | 'template' | 'data'>;

/** Mails of a request. Each goes out once; one whose answer was lost is sent again, since none does harm twice. */
export function erasureMailActivities(parts: MailParts) {
  const { erasure } = parts;
  const { store, policy } = erasure;
  /** A period ends with a day of the controller's zone, which may be the next one in UTC. */
  const dayOf = (at: Date | string) => dateIn(new Date(at), policy.controller.timeZone);

  /** `compose` is called only when the mail has not gone out: a code that is on its way must not be made void. */
  async function send(requestId: string, occasion: string, compose: () => Promise<Composed> | Composed): Promise<void> {
    if (!(await store.beginMail(requestId, occasion))) return;
    try {
      const { to, template, data } = await compose();
      await sendLetter(parts, {
        deliveryId: mailFile(requestId, occasion),
        ticketId: requestId,
        to,
        template,
        data: { ...common(erasure, requestId), ...data },
      });
    } catch (error) {
      await store.failMail(requestId, occasion, errorCode(error));
      throw error;
    }
    await store.finishMail(requestId, occasion);
  }

  return {
    /** The code, to the address on file; where nobody is known by it, word of that to the address that was given. */
    async mailCode(requestId: string): Promise<void> {
      const row = await rowOf(store, requestId);
      if (row.provedAt !== null) {
        // Who has entered the code has the letter: whoever sent it died before that was written down.
        if (row.provedBy === 'code') await store.finishMail(requestId, 'code');
        return;
      }
      const { to, isKnown } = await addressOf(erasure, row);
      const { codeMinutes, tries } = policy.erasure;
      // Also where nobody is known, or no mail goes: from outside they shall not be told apart.
      const setCode = async () => {
        const code = erasure.newCode();
        await store.setCode(
          requestId,
          erasure.codeDigest(requestId, code),
          new Date(Date.now() + codeMinutes * 60_000),
        );
        return code;
      };
      // Who has no address can't be asked by mail: the platform, or an officer, vouches for them.
      if (to === null) {
        await setCode();
        return;
      }
      await send(requestId, 'code', async () => {
        const code = await setCode();
        if (!isKnown) return { to, template: 'erasure-nobody', data: {} };
        const minutes = Math.max(1, Math.round(codeMinutes));
        return { to, template: 'erasure-code', data: { code: `${code.slice(0, 4)} ${code.slice(4)}`, minutes, tries } };
      }).catch(async (error: unknown) => {
        // An address that takes no mail proves nothing, and must not be told from one that does: the time runs out as for any other.
        if (!(error instanceof ProviderError) || error.retryable) throw error;
        // The officers' view alone says why.
        await store.receipt(requestId, 'sendCode', { mails: 0, why: `not sent: ${error.reason}` });
      });
    },

    /** That a request is proved, and may be stopped for so long. False: there is no address, so nobody who would stop it. */
    async mailCoolingOff(requestId: string, coolingOffMs: number): Promise<boolean> {
      const row = await rowOf(store, requestId);
      const { to } = await addressOf(erasure, row);
      if (to === null) return false;
      const hours = Math.max(1, Math.floor(coolingOffMs / 3_600_000));
      const proof = row.provedBy ?? 'code';
      await send(requestId, 'cooling', () => ({ to, template: 'erasure-cooling', data: { hours, proof } }));
      return true;
    },

    /** What became of the request, what is kept and why, and where to complain. */
    async mailOutcome(requestId: string): Promise<void> {
      const row = await rowOf(store, requestId);
      const to = await addressee(erasure, row);
      // The erasure goes on; that nobody was told is a part of what was done.
      if (to === null) return store.receipt(requestId, 'tellPerson', { mails: 0, why: 'no address is known' });
      // An earlier request has left nothing of them.
      if (row.decision === null)
        return send(requestId, 'outcome', () => ({ to, template: 'erasure-nobody', data: {} }));
      const refused = row.decision.verdict === 'refuse' || row.approval === 'refused';
      const kept = keptIn(row);
      const open = (await store.recipients(requestId)).filter(({ status }) => status === 'open');
      const data = {
        // That we keep the request itself makes it no partial one.
        outcome: refused ? 'refused' : row.decision.verdict === 'partly' ? 'partly' : 'erased',
        reason: row.rulingReason ?? '',
        kept: kept.map(({ category, why, statute, until }) => ({
          category: policy.categories[category].description,
          why,
          statute: statute ?? '',
          until: until === undefined ? '' : dayOf(until),
        })),
        erased: erasedIn(row).map((category) => policy.categories[category].description),
        open: open.map(({ recipient }) => recipient),
      };
      await send(requestId, 'outcome', () => ({ to, template: 'erasure-outcome', data }));
    },

    async mailExtension(requestId: string): Promise<void> {
      const row = await rowOf(store, requestId);
      const to = await addressee(erasure, row);
      if (to === null || row.extendedTo === null) return;
      const data = { until: dayOf(row.extendedTo), reason: row.extensionReason ?? '' };
      await send(requestId, 'extension', () => ({ to, template: 'erasure-extension', data }));
    },

    /**
     * Word to the privacy officers: nothing about the person, only which request. `nth`: a step may get stuck more than once. What was found
     * is of the look that `step` names.
     */
    async mailOfficers(requestId: string, news: OfficerNews, step = '', nth = 1): Promise<void> {
      const row = await rowOf(store, requestId);
      const due = dayOf(row.extendedTo ?? row.dueAt);
      // An extension sets a new day, and of that one they hear anew.
      const day = news === 'warning' || news === 'late' ? due : '';
      const instead = row.supersededBy ?? '';
      const look = step === 'lookAtOnce' ? 'atOnce' : 'later';
      const found = news === 'found' ? (await store.findings(requestId)).filter((one) => one.look === look) : [];
      const findings = found.slice(0, MOST_FINDINGS).map(({ store, place, kind, count }) => ({
        where: `${store}/${place}`,
        kind,
        count: count ?? 1,
      }));
      const more = found.length - findings.length;
      const failed: unknown[] = [];
      for (const { id, email } of policy.officers) {
        const parts = ['officer', id, news, step, nth > 1 ? `${nth}` : '', day].filter((part) => part !== '');
        const occasion = parts.join('-').replace(/[^A-Za-z0-9_-]/g, '-');
        const to = { address: email, name: null };
        // That one of them can't be reached keeps the news from nobody else.
        const data = { news, step, due, instead, findings, more };
        await send(requestId, occasion, () => ({ to, template: 'erasure-officers', data })).catch((error: unknown) =>
          failed.push(error),
        );
      }
      if (failed.length > 0) throw failed[0];
    },
  };
}

/** The address on file before the stores were emptied, or as `addressOf`. */
async function addressee(erasure: ErasureDeps, row: ErasureRow): Promise<Letter['to'] | null> {
  const particulars = await particularsOf(erasure, row);
  if (particulars?.emails[0] !== undefined) return { address: particulars.emails[0], name: particulars.name };
  return (await addressOf(erasure, row)).to;
}

/** The address on file, or the one that was given; null when there is none. */
async function addressOf(erasure: ErasureDeps, row: ErasureRow) {
  const asked = await askedOf(erasure, row);
  const known = (await erasure.store.customersOf(asked)).find(({ email }) => email !== null);
  const address = known?.email ?? asked.email;
  const to = address === undefined ? null : { address, name: known?.name ?? null };
  return { to, isKnown: known !== undefined || (await isSpokenOf(erasure, asked)) };
}

function common({ policy, pageOf }: ErasureDeps, requestId: string): JsonObject {
  const { name, contact, complaint } = policy.controller;
  return {
    request: { id: requestId },
    links: { request: pageOf(requestId) },
    controller: { name, contact, authority: complaint.authority, authorityUrl: complaint.url },
  };
}
