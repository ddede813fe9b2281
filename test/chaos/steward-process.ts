/** A worker and a gateway in one process, for the test that kills it. */
import { runBothHalves } from './both-halves.ts';

await runBothHalves();
