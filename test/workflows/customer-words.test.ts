import { expect, test, vi } from 'vitest';
import { smallTeam } from '../support/flow.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { answered, entry, escalated, PATIENCE, until } from './support.ts';

const providers = useProviders();

/** The mails to agents about this ticket, the last one of a count. */
async function mailTo(id: string, count: number): Promise<string> {
  return vi.waitFor(() => {
    const found = providers.aws.mails.filter(
      ({ parsed }) => parsed.subject?.includes(`${id} needs a person`) && parsed.text?.includes('needs you'),
    );
    expect(found).toHaveLength(count);
    return found.at(-1)?.parsed.text ?? '';
  }, PATIENCE);
}

const steward = useSteward({
  settings: () => ({ STEWARD_TEAM: smallTeam(), ...providers.settings('ses') }),
});
const writes = (id: string, message: string, eventId: string) =>
  steward.steward.tell(id, 'customerReplied', { message, source: 'test', eventId });

test('whoever gets a ticket because the customer wrote again reads what they wrote, and what they had asked', async () => {
  const id = await answered(steward);
  await writes(id, 'It does not work.\n\nAttachments:\n- screenshot.png (image/png, 8 bytes)', 'again');
  const text = await mailTo(id, 1);
  expect(text).toContain('> It does not work.');
  expect(text).toContain('> - screenshot.png (image/png, 8 bytes)');
  expect(text).toContain('> How do I download my invoice for last month?');
});

test('whoever has it reads each further word, and of what they have answered nothing comes again', async () => {
  const id = await escalated(steward, { message: 'My card was charged twice.' });
  expect(await mailTo(id, 1)).not.toContain('wrote now');
  await writes(id, 'Are you there?', 'first');
  expect(await mailTo(id, 2)).toContain('> Are you there?');
  await steward.steward.reply(id, { agentId: 'ana', message: 'Yes.' });
  await until(steward, id, { state: 'waitingForCustomer' });
  await writes(id, 'Then give me my money back.', 'second');
  const text = await mailTo(id, 3);
  expect(text).toContain('> Then give me my money back.');
  expect(text).not.toContain('Are you there?');
  await entry(steward, id, 'escalated', 3);
});
