/** Process: `fetch-temporal DIR VERSION` puts the Temporal CLI into DIR by the SDK's download. Started by `temporal-download.ts`. */
const [dir, version] = process.argv.slice(2);
if (dir === undefined || version === undefined) throw new Error('usage: fetch-temporal DIR VERSION');

try {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  // The only way to have the SDK download is to have it start what it downloaded.
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: dir, version: `v${version}` } },
  });
  await environment.teardown();
} catch (error) {
  // One line for the person who waits.
  const said = error instanceof Error ? error.message : String(error);
  const short = said.replaceAll(/error sending request for url \([^)]*\): /g, '').replaceAll(/\s+/g, ' ');
  process.stderr.write(`${short}\n`, () => process.exit(1));
}
