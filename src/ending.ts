/** How a process of Steward ends. */

/** Ends the process once what was said has gone out. `exit` is needed: the SDK's runtime has threads that keep a process alive. */
export async function leave(code: number): Promise<never> {
  const streams = [process.stdout, process.stderr];
  await Promise.all(streams.map((stream) => new Promise<void>((done) => void stream.write('', () => done()))));
  process.exit(code);
}
