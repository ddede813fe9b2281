import { access, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outbox } from '../deps.ts';
import { StewardError } from '../domain/errors.ts';
import { composeMime, type Sender } from './mime.ts';
import { unlessMissing } from './unless-missing.ts';
import { writeWholeFile } from './whole-file.ts';

export interface OutboxSettings extends Sender {
  /** Made when missing, for its owner's eyes alone: messages carry what customers wrote. */
  readonly dir: string;
}

export interface OutboxMail {
  readonly deliveryId: string;
  readonly to: string;
}

/** Hears how many files are about to be changed or removed. */
export type BeforeChange = (files: number) => Promise<void>;

export interface OutboxEraser {
  /** Removes the files of these deliveries; how many there were. `before` hears how many, where there are any: should it throw, all stay. */
  remove(deliveryIds: readonly string[], before?: BeforeChange): Promise<number>;
  /** Takes the addressee out of the mails of these deliveries, and leaves their words; how many were changed. `before` as with `remove`. */
  forgetAddressee(deliveryIds: readonly string[], before?: BeforeChange): Promise<number>;
  /** The mails of these deliveries that lie here, and whom they are to, in ASCII. */
  mails(isWanted: (deliveryId: string) => boolean): AsyncIterable<OutboxMail>;
}

/** Messages as files, one for each delivery: written again, the same file. Returns `outbox:<file>`. */
export function createOutbox({ dir, ...sender }: OutboxSettings): Outbox & OutboxEraser {
  return {
    async remove(deliveryIds, before) {
      const paths: string[] = [];
      for (const id of deliveryIds) {
        for (const path of ['eml', 'json'].map((ending) => join(dir, fileName(id, ending)))) {
          if (await unlessMissing(access(path).then(() => true))) paths.push(path);
        }
      }
      if (paths.length > 0) await before?.(paths.length);
      let removed = 0;
      for (const path of paths) if (await removeFile(path)) removed += 1;
      return removed;
    },

    async forgetAddressee(deliveryIds, before) {
      // Byte by byte: the words stay as they were sent.
      const masked = async (file: string) => {
        const mail = await unlessMissing(readFile(join(dir, file), 'latin1'));
        const without = mail && withoutAddressee(mail);
        return !without || without === mail ? null : Buffer.from(without, 'latin1');
      };
      const files: string[] = [];
      for (const file of deliveryIds.map((id) => fileName(id, 'eml'))) if (await masked(file)) files.push(file);
      if (files.length > 0) await before?.(files.length);
      let changed = 0;
      for (const file of files) {
        // Once more, since a mail may have gone meanwhile; and one at a time, since they may be large.
        const mail = await masked(file);
        if (mail === null) continue;
        await put(dir, file, mail);
        changed += 1;
      }
      return changed;
    },

    async *mails(isWanted) {
      for (const file of (await unlessMissing(readdir(dir))) ?? []) {
        const deliveryId = /^(.+)\.eml$/.exec(file)?.[1];
        if (deliveryId === undefined || !isWanted(deliveryId)) continue;
        // It may go while we look.
        const mail = await unlessMissing(readFile(join(dir, file), 'utf8'));
        if (mail !== null) yield { deliveryId, to: addresseeOf(mail) };
      }
    },

    async write({ mail, slack, page }) {
      if (mail) return put(dir, fileName(mail.deliveryId, 'eml'), (await composeMime(mail, sender)).raw);
      if (slack) return put(dir, fileName(slack.deliveryId, 'json'), `${JSON.stringify(slack, null, 2)}\n`);
      if (page) return put(dir, fileName(page.deliveryId, 'json'), `${JSON.stringify(page, null, 2)}\n`);
      throw new StewardError('InvalidRequest', 'the outbox needs a mail, a Slack message or a page');
    },
  };
}

function fileName(deliveryId: string, ending: string): string {
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(deliveryId)) {
    throw new StewardError('InvalidRequest', 'a delivery id names a file: letters, digits, "_" and "-" only');
  }
  return `${deliveryId}.${ending}`;
}

/** The one address in a mail of ours, whose headers may go on in a further line. */
function addresseeOf(mail: string): string {
  const head = (mail.split(/\r?\n\r?\n/, 1)[0] ?? '').replace(/\r?\n[ \t]+/g, ' ');
  const to = /^To:(.*)$/im.exec(head)?.[1]?.trim() ?? '';
  return /<([^<>]*)>$/.exec(to)?.[1] ?? to;
}

/** Of RFC 5322: a group of nobody, which stands in the place of an address. */
const NOBODY = 'undisclosed-recipients:;';

/** A mail whose address and name are gone from its head; a header may go on in further lines. */
function withoutAddressee(mail: string): string {
  const end = /\r?\n\r?\n/.exec(mail)?.index ?? mail.length;
  const head = mail.slice(0, end).replace(/^To:.*(?:\r?\n[ \t]+.*)*/im, `To: ${NOBODY}`);
  return head + mail.slice(end);
}

async function removeFile(path: string): Promise<boolean> {
  return (await unlessMissing(rm(path).then(() => true))) ?? false;
}

async function put(dir: string, file: string, content: Buffer | string): Promise<string> {
  await writeWholeFile(dir, file, content);
  return `outbox:${file}`;
}
