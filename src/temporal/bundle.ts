/** Run by `npm run build`: the workflow code as one file beside the compiled code, so that the image starts without webpack. */
import { writeFile } from 'node:fs/promises';
import { bundleWorkflows } from './workers.ts';

const { code } = await bundleWorkflows();
await writeFile(new URL('../workflow-bundle.js', import.meta.url), code);
