import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { StewardError } from '../../src/domain/errors.ts';
import { assertPortFree, freePort } from '../../src/embedded/ports.ts';

const USE = { what: 'the Temporal Web UI', setting: 'STEWARD_UI_PORT' };

test('a taken port is refused with its number, its use and the setting that moves it', async () => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const refusal = await assertPortFree(port, USE).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(StewardError);
  expect(refusal).toMatchObject({ code: 'PortTaken' });
  expect(String(refusal)).toContain(`Port ${port}, wanted for the Temporal Web UI, is taken`);
  expect(String(refusal)).toContain('set STEWARD_UI_PORT to a free port');
});

test('a free port passes and stays free', async () => {
  const port = await freePort();
  await assertPortFree(port, USE);
  await assertPortFree(port, USE);
});

test('a port for a test is none that the system gives to whoever asks for any', async () => {
  const given = createServer().listen(0, '127.0.0.1');
  await once(given, 'listening');
  onTestFinished(() => void given.close());
  const ports = await Promise.all(Array.from({ length: 20 }, freePort));
  expect(Math.max(...ports)).toBeLessThan((given.address() as AddressInfo).port);
});
