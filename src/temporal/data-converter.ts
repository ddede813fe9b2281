import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { type CodecOptions, createCodec } from './codec.ts';

const CONVERTERS = fileURLToPath(new URL('./converters.cjs', import.meta.url));

/** The same for the workflow bundle and for the process around it. */
export const CONVERTER_PATHS = { payloadConverterPath: CONVERTERS, failureConverterPath: CONVERTERS } as const;

/** How everything that Temporal keeps is written and read. Every process that talks to Temporal has one. */
export function createDataConverter(options: CodecOptions): DataConverter {
  return { ...CONVERTER_PATHS, payloadCodecs: [createCodec(options)] };
}
