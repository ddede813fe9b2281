import type { TestProject } from 'vitest/node';
import { findTemporalBinary } from '../../src/embedded/temporal-binary.ts';
import type { TemporalBinary } from '../../src/embedded/temporal-version.ts';

/** For tests that start every server themselves. */
export async function setup(project: TestProject): Promise<void> {
  project.provide('temporalBinary', await findBinary());
}

export function findBinary(): Promise<TemporalBinary> {
  return findTemporalBinary({
    named: process.env.STEWARD_TEMPORAL_BINARY,
    environment: process.env,
    onProgress: (line) => console.log(line),
  });
}
