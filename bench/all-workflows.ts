export * from '../src/workflows/index.ts';
export * from './workflows.ts';
