/** The codec server and Temporal's own Web UI, in a browser. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SEARCH_ATTRIBUTES, ticketWorkflowId } from '../../src/contract.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { startTemporalServer, type TemporalServer } from '../../src/embedded/temporal-server.ts';
import { type Served, serve } from '../../src/http/serve.ts';
import { BROWSER, useBrowser } from '../support/browser.ts';
import { useDatabase } from '../support/database.ts';
import { onFreePort } from '../support/ports.ts';
import { makeRunDirectory, removeRunDirectory } from '../support/run-directory.ts';
import { startTestSteward, type TestSteward } from '../support/steward.ts';
import { escalated } from '../workflows/support.ts';

const database = useDatabase();
const browser = useBrowser();
const held = {} as {
  dir: string;
  temporal: TemporalServer;
  webUi: string;
  steward: TestSteward & { stop(): Promise<void> };
  served: Served;
  gateway: string;
};

beforeAll(async () => {
  held.dir = await makeRunDirectory();
  const types = { KEYWORD: 'Keyword', BOOL: 'Bool' } as const;
  const names = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, types[type]]);
  const options = { dir: held.dir, binary: inject('temporalBinary'), inMemory: true };
  await onFreePort(async (port) => {
    const uiPort = await freePort();
    const searchAttributes = Object.fromEntries(names);
    held.temporal = await startTemporalServer({ ...options, searchAttributes, port, uiPort });
    held.webUi = `http://127.0.0.1:${uiPort}`;
    return held.temporal;
  });
  const settings = () => ({ TEMPORAL_ADDRESS: held.temporal.address, STEWARD_WEB_UI_URL: held.webUi });
  held.steward = await startTestSteward(database.url, { settings });
  await onFreePort(async (port) => {
    held.served = await serve(held.steward.app, { host: '127.0.0.1', port });
    held.gateway = `http://127.0.0.1:${port}`;
  });
}, 60_000);
afterAll(async () => {
  await held.served?.close(0);
  await held.steward?.stop();
  await held.temporal?.stop();
  await removeRunDirectory(held.dir);
});

/** `STEWARD_RECORD=on` takes the picture of docs/operations.md anew. */
const PICTURE = process.env.STEWARD_RECORD === 'on' ? { path: 'docs/images/web-ui-decoded.png' } : {};
const WORDS = 'My card was charged twice.';

describe.runIf(BROWSER)('the Web UI', () => {
  it('shows a ticket in clear to who has signed in with an API key, and to nobody else', async () => {
    const id = await escalated(held.steward, { ticketId: 'TKT-1001', message: WORDS });
    const { runId } = await held.steward.temporal.client.workflow.getHandle(ticketWorkflowId(id)).describe();
    const history = `${held.webUi}/namespaces/default/workflows/${ticketWorkflowId(id)}/${runId}/history`;
    const { page } = await browser.open(history, { javaScriptEnabled: true, width: 1400 });
    const shown = page.getByText(WORDS).first();
    await page.getByText('encryption-key-id').first().waitFor();
    expect(await page.content()).not.toContain(WORDS);

    // As docs/operations.md tells it, by hand, once in a browser.
    await page.getByTestId('data-encoder-status').click();
    await page.getByPlaceholder('Paste your endpoint here').fill(`${held.gateway}/codec`);
    await page.getByText('Include cross-origin credentials').click();
    const refused = page.waitForResponse(`${held.gateway}/codec/decode`);
    await page.getByTestId('confirm-data-encoder-button').click();
    expect((await refused).status()).toBe(401);
    expect(await page.content()).not.toContain(WORDS);

    await page.goto(`${held.gateway}/codec`);
    await page.getByLabel('API key').fill(held.steward.apiKey);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Signed in with the API key “test”').waitFor();
    await page.goto(history);
    await shown.waitFor();
    await page.screenshot(PICTURE);

    await page.goto(`${held.gateway}/codec`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    await page.goto(history);
    await page.getByText('encryption-key-id').first().waitFor();
    expect(await page.content()).not.toContain(WORDS);
  }, 60_000);
});
