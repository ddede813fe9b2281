import { defineConfig } from 'vitest/config';

// What needs no server: `npx vitest run --project pure` starts none.
const PURE = [
  'test/domain/**/*.test.ts',
  'test/flow/**/*.test.ts',
  'test/jsonata/**/*.test.ts',
  'test/law/**/*.test.ts',
  'test/deploy/**/*.test.ts',
];

export default defineConfig({
  test: {
    // The Temporal runtime is one per process and native: processes, not threads.
    pool: 'forks',
    maxWorkers: 2,
    // For what hangs: tests wait for outcomes, and how long these take is the machine's to say.
    testTimeout: 90_000,
    hookTimeout: 60_000,
    // Any will do: AWS stand-ins check that a request is signed, not by whom.
    env: { AWS_ACCESS_KEY_ID: 'AKIDSTANDIN', AWS_SECRET_ACCESS_KEY: 'stand-in' },
    projects: [
      // Thousands of made-up histories take as long as the machine is slow; nothing in them waits for anything.
      { extends: true, test: { name: 'pure', include: PURE, testTimeout: 180_000 } },
      {
        extends: true,
        test: {
          name: 'stack',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          exclude: [...PURE, 'test/chaos/**'],
          globalSetup: ['test/support/stack.ts'],
        },
      },
      {
        // Kills servers of its own, for a minute, when the others are done: what it kills must not be slow for their sake.
        extends: true,
        test: {
          name: 'kill',
          include: ['test/chaos/**/*.test.ts'],
          globalSetup: ['test/support/binary.ts'],
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
