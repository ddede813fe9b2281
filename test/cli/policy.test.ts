import { expect, test } from 'vitest';
import { testFile } from '../support/files.ts';
import { runOn } from './support.ts';

test('the policies that come with the project are in order', async () => {
  const { exit, out } = await runOn(
    {},
    'policy',
    'check',
    'policies/team.yaml',
    'policies/privacy.yaml',
    'policies/sla.yaml',
  );
  expect({ exit, out }).toEqual({
    exit: 0,
    out: 'policies/team.yaml: in order\npolicies/privacy.yaml: in order\npolicies/sla.yaml: in order\n',
  });
});

test('everything that is wrong is named with its field, and the exit code says so', async () => {
  const path = testFile('sla.yaml', { policies: [{ name: 'a', resolution: 'soon', warnAt: 'early' }] });
  const { exit, out } = await runOn({}, 'policy', 'check', path);
  expect(exit).toBe(1);
  expect(out).toContain(`${path}: 2 errors`);
  expect(out).toMatch(/policies\.0\.resolution\s+expected an amount of time/);
  const asJson = await runOn({}, 'policy', 'check', '--json', path);
  expect(JSON.parse(asJson.out)).toMatchObject([
    { file: path, ok: false, problems: [{ field: 'policies.0.resolution' }, { field: 'policies.0.warnAt' }] },
  ]);
});

test('a file whose name tells nothing wants to be told what it is', async () => {
  const path = testFile('ours.yaml', { policies: [] });
  const unknown = await runOn({}, 'policy', 'check', path);
  expect(unknown.exit).not.toBe(0);
  expect(unknown.err).toContain('--kind takes team, privacy, sla');
  expect(await runOn({}, 'policy', 'check', '--kind', 'sla', path)).toMatchObject({
    exit: 0,
    out: `${path}: in order\n`,
  });
});
