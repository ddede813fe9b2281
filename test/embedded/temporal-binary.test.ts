import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { cacheDirOf } from '../../src/embedded/home.ts';
import { identify, noteOf } from '../../src/embedded/process-identity.ts';
import { findTemporalBinary } from '../../src/embedded/temporal-binary.ts';
import { buildTemporal } from '../../src/embedded/temporal-build.ts';
import type { Source } from '../../src/embedded/temporal-source.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { outcome } from '../support/outcome.ts';

// Small programs stand in for the Temporal CLI and for Go: they are found and run as the real ones are.
const cli = (server: string): string => `#!/bin/sh\necho 'temporal version 1.5.1 (Server ${server}, UI 2.42.1)'\n`;

let home: string;
let cached: string;
let said: string[];

beforeEach(async () => {
  home = await temporaryDirectory();
  cached = join(home, 'steward/temporal-1.5.1/temporal');
  said = [];
  await mkdir(join(home, 'bin'));
});

async function put(path: string, program: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, program);
  await chmod(path, 0o755);
  return path;
}

function find(sources: readonly (readonly [string, Source])[] = [], named?: string, signal?: AbortSignal) {
  const environment = {
    HOME: home,
    XDG_CACHE_HOME: home,
    PATH: [join(home, 'bin'), '/usr/bin', '/bin'].join(delimiter),
  };
  const options = {
    named,
    signal,
    environment,
    onProgress: (line: string) => void said.push(line),
  };
  return findTemporalBinary(options, sources);
}

const failing: Source = () => Promise.reject(new Error('the host is out of reach'));

test('our cached copy comes before the one on the PATH', async () => {
  await put(cached, cli('1.29.1'));
  await put(join(home, 'bin/temporal'), cli('1.31.0'));
  expect(await find()).toEqual({ path: cached, server: '1.29.1' });
});

test('without a cached copy the one on the PATH is taken', async () => {
  await put(join(home, 'bin/temporal'), cli('1.31.0'));
  expect(await find()).toEqual({ path: 'temporal', server: '1.31.0' });
});

test('an old CLI on the PATH is passed over, and the error says so', async () => {
  await put(join(home, 'bin/temporal'), cli('1.28.0'));
  await expect(find()).rejects.toThrow(/`temporal` on the PATH holds server 1\.28\.0, 1\.29\.0 or later is needed/);
});

test('a named program is the only one asked', async () => {
  await put(cached, cli('1.29.1'));
  const mine = await put(join(home, 'mine'), cli('1.32.0'));
  expect(await find([], mine)).toEqual({ path: mine, server: '1.32.0' });
  await expect(find([], join(home, 'typo'))).rejects.toThrow(
    /STEWARD_TEMPORAL_BINARY names .*typo, which is not there/,
  );
});

test('where nothing works the error tells what was tried, what to install and which settings help', async () => {
  const refusal = await find([["the SDK's download", failing]]).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'ServerMissing' });
  const text = String(refusal);
  expect(text).toContain(`${cached} is not there`);
  expect(text).toContain("the SDK's download failed: the host is out of reach");
  for (const help of ['Temporal CLI 1.5', 'Go', 'STEWARD_TEMPORAL_BINARY', 'TEMPORAL_ADDRESS'])
    expect(text).toContain(help);
});

test('what a source brings is kept in the cache, and no draft is left', async () => {
  const source: Source = ({ dir }) => put(join(dir, 'temporal'), cli('1.29.1'));
  expect(
    await find([
      ['download', failing],
      ['build', source],
    ]),
  ).toEqual({ path: cached, server: '1.29.1' });
  expect(await find()).toEqual({ path: cached, server: '1.29.1' });
  expect(await readdir(join(home, 'steward'))).toEqual(['temporal-1.5.1']);
});

test('a program that does not run is not kept', async () => {
  const broken: Source = ({ dir }) => put(join(dir, 'temporal'), '#!/bin/sh\nexit 1\n');
  await expect(find([['build', broken]])).rejects.toThrow(/build failed: the program does not run/);
  await expect(stat(cached)).rejects.toThrow();
});

test('of two that need it at once only one builds', async () => {
  let builds = 0;
  const source: Source = ({ dir }) => {
    builds++;
    return put(join(dir, 'temporal'), cli('1.29.1'));
  };
  const found = await Promise.all([find([['build', source]]), find([['build', source]])]);
  expect(found).toEqual([
    { path: cached, server: '1.29.1' },
    { path: cached, server: '1.29.1' },
  ]);
  expect(builds).toBe(1);
});

test('the lock and the draft of a builder that was killed do not stop the next', async () => {
  await put(join(home, 'steward/temporal-1.5.1.draft-1/half'), 'half a program');
  await put(join(home, 'steward/temporal-1.5.1.lock'), JSON.stringify({ pid: process.pid, started: 'another life' }));
  const source: Source = ({ dir }) => put(join(dir, 'temporal'), cli('1.29.1'));
  await find([['build', source]]);
  expect(await readdir(join(home, 'steward'))).toEqual(['temporal-1.5.1']);
});

test('Go builds the released version into the draft, without a C compiler, and tells how far it is', async () => {
  await put(
    join(home, 'bin/go'),
    `#!/bin/sh\necho "go: downloading x v1" >&2\necho net/http >&2\nprintf '#!/bin/sh\\necho "(Server 1.29.1)"\\n' > "$GOBIN/temporal"\n` +
      `echo "$* $CGO_ENABLED $GOFLAGS" > "$HOME/asked"\n`,
  );
  expect(await find([['a build with Go', buildTemporal]])).toEqual({ path: cached, server: '1.29.1' });
  expect(await readFile(join(home, 'asked'), 'utf8')).toBe(
    'install -v github.com/temporalio/cli/cmd/temporal@v1.5.1 0 -modcacherw\n',
  );
  expect(said.join('\n')).toContain('Building the Temporal dev server with Go');
});

test('a failed build says the last thing Go said', async () => {
  await put(join(home, 'bin/go'), `#!/bin/sh\necho 'module lookup disabled by GOPROXY=off' >&2\nexit 1\n`);
  await expect(find([['a build with Go', buildTemporal]])).rejects.toThrow(
    /a build with Go failed: module lookup disabled/,
  );
});

test('asked to end, a build is ended with all that it started, and no other way is tried', async () => {
  await put(join(home, 'bin/go'), `#!/bin/sh\nsleep 600 &\necho "$$ $!" > "$HOME/pids"\nwait\n`);
  const asked = new AbortController();
  const tried: string[] = [];
  const next: Source = () => {
    tried.push('the next');
    return Promise.reject(new Error('not now'));
  };
  const finding = find(
    [
      ['a build with Go', buildTemporal],
      ['the next', next],
    ],
    undefined,
    asked.signal,
  );
  const ended = expect(finding).rejects.toThrow(/aborted/);
  const pids = await outcome(async () => {
    const text = await readFile(join(home, 'pids'), 'utf8');
    expect(text).toMatch(/^\d+ \d+\n$/);
    return text.trim().split(' ').map(Number);
  });
  asked.abort();
  await ended;
  expect(tried).toEqual([]);
  for (const pid of pids) await outcome(async () => expect(await identify(pid)).toBeUndefined());
  expect(await readdir(join(home, 'steward'))).toEqual([]);
});

test('asked to end, it does not go on waiting for another that builds', async () => {
  const lock = join(home, 'steward/temporal-1.5.1.lock');
  await mkdir(dirname(lock));
  await writeFile(lock, await noteOf(process.pid));
  const asked = new AbortController();
  const ended = expect(find([['build', failing]], undefined, asked.signal)).rejects.toThrow(/aborted/);
  await outcome(() => expect(said.join()).toContain('waiting for it'));
  asked.abort();
  await ended;
  expect(await readdir(join(home, 'steward'))).toEqual(['temporal-1.5.1.lock']);
});

const listed = () => ({ homedir: '/home/ada' });
const unlisted = () => {
  throw new Error('this uid is in no list');
};

test.each([
  [{ XDG_CACHE_HOME: '/somewhere', HOME: '/home/ben' }, listed, '/somewhere/steward'],
  [{ XDG_CACHE_HOME: '', HOME: '/home/ben' }, listed, '/home/ben/.cache/steward'],
  [{ HOME: '' }, listed, '/home/ada/.cache/steward'],
  [{ HOME: '/home/ben' }, unlisted, '/home/ben/.cache/steward'],
  [{}, unlisted, undefined],
])('the cache is the user’s, and moves with XDG_CACHE_HOME: %j', (environment, user, dir) => {
  expect(cacheDirOf(environment, user)).toBe(dir);
});

test('a cache that cannot be made is told, with the setting that moves it', async () => {
  await writeFile(join(home, 'steward'), 'a file is in the way');
  const refusal = await find().catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'ServerMissing' });
  expect(String(refusal)).toMatch(/steward cannot be made \(EEXIST\).*XDG_CACHE_HOME/);
});
