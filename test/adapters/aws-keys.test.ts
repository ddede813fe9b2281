import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { makeRunDirectory, removeRunDirectory } from '../support/run-directory.ts';
import { envelope, useSteward } from '../support/steward.ts';

/* The environment of every test holds keys that AWS's own SDK would find: those of the settings go before them. */

const own = { dir: '' };
beforeAll(async () => {
  own.dir = await makeRunDirectory();
  for (const name of ['secret', 'token']) await writeFile(join(own.dir, name), `${name}-of-ours\n`);
});
afterAll(() => removeRunDirectory(own.dir));
const providers = useProviders();
const steward = useSteward({
  settings: () => ({
    ...providers.settings('ses', 'comprehend'),
    AWS_ACCESS_KEY_ID: 'AKIDOFOURS',
    AWS_SECRET_ACCESS_KEY_FILE: join(own.dir, 'secret'),
    AWS_SESSION_TOKEN_FILE: join(own.dir, 'token'),
  }),
});

test('the keys of the settings, their secret and the token from files, sign every call to Comprehend and SES', async () => {
  await steward.steward.submit(envelope({ message: 'I have been waiting for my refund for three weeks now.' }));
  const asked = await outcome(() => {
    const all = providers.aws.asked;
    const actions = all.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['DetectSentiment', 'SendRawEmail']));
    return all;
  });
  for (const { headers } of asked) {
    expect(headers).toMatchObject({
      authorization: expect.stringContaining('Credential=AKIDOFOURS/'),
      'x-amz-security-token': 'token-of-ours',
    });
  }
});
