/** The flow that a worker runs: read, judged and pinned at its start. */

import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { versionOf } from './adapters/version.ts';
import type { Plans } from './deps.ts';
import { PERSONAL_FIELDS } from './domain/envelope.ts';
import { StewardError } from './domain/errors.ts';
import { FLOW_NAME } from './domain/flow-run.ts';
import type { JsonObject } from './domain/json.ts';
import { resultSchema } from './domain/module-catalogue.ts';
import { MODULES, ONLY_WITH_TOKEN, PARAMETERS, UNTIMED, WITH_TOKEN, WITHOUT_TICKET } from './domain/modules.ts';
import type { PinnedFlow } from './domain/plan.ts';
import { checkFlow, type Problem } from './flow/check.ts';
import { readDefinition } from './flow-file.ts';
import { writtenProblem } from './jsonata/answer.ts';

/** Warnings are for whoever runs it; they are not pinned. */
export interface Pinned {
  readonly flow: PinnedFlow;
  readonly warnings: readonly string[];
}

/** What a ticket's flow begins with, as far as that matters to whoever looks on: a run without a ticket may begin with anything. */
const PERSONAL_INPUT = {
  type: 'object',
  properties: {
    detail: {
      type: 'object',
      properties: Object.fromEntries(
        PERSONAL_FIELDS.map((name) => [name, { ...(name === 'mail' ? {} : { type: 'string' }), 'x-personal': true }]),
      ),
    },
  },
};
const RESULTS = Object.fromEntries(
  MODULES.flatMap((name) => {
    const schema = resultSchema(name);
    return schema ? [[name, schema] as const] : [];
  }),
);

/** Everything that is wrong with a definition that is to run. */
export function checkToRun(definition: unknown): Problem[] {
  return checkFlow(definition, { modules: MODULES, bound: 'error', ...JUDGED });
}

/** The same of one that is looked at, perhaps brought from elsewhere: a Task that is bound to nothing yet is a warning. */
export function checkToRead(definition: unknown): Problem[] {
  return checkFlow(definition, { modules: MODULES, bound: 'warning', ...JUDGED });
}

/** The same where it is to run without a ticket, which some modules work for. */
function checkToRunAlone(definition: unknown): Problem[] {
  const elsewhere = { modules: MODULES, why: NO_TICKET };
  return checkFlow(definition, { modules: WITHOUT_TICKET, bound: 'error', elsewhere, ...JUDGED });
}
const JUDGED = {
  parameters: PARAMETERS,
  untimed: UNTIMED,
  tokens: { canHave: WITH_TOKEN, must: ONLY_WITH_TOKEN },
  written: writtenProblem,
  results: RESULTS,
  input: PERSONAL_INPUT,
};
const NO_TICKET = 'works for a ticket, and a flow that is run by itself has none';

/** Flows by their names, as their files in this directory are now, or as they are deployed. */
export function createFlowFinder(dir: string): Plans['find'] {
  return async (name, ruling) => {
    const files = new Map((await readdir(dir)).flatMap((file) => (FLOW.test(file) ? [[flowName(file), file]] : [])));
    const file = FLOW_NAME.test(name) ? files.get(name) : undefined;
    if (file !== undefined) {
      const { flow } = await pinFlow(join(dir, file), checkToRunAlone);
      const ruled = await ruling(flow);
      if (ruled !== flow) judged(ruled.definition, `${name} as it is deployed`, checkToRunAlone);
      return ruled;
    }
    const there = files.size === 0 ? 'there is none' : `there are ${[...files.keys()].sort().join(', ')}`;
    const message = `no flow has this name; ${there}`;
    throw new StewardError('InvalidRequest', `flow: ${message}`, { problems: [{ field: 'flow', message }] });
  };
}
/** What is no test of a flow. */
const FLOW = /^[\w-]{1,80}(\.asl)?\.(json|ya?ml)$/;

/**
 * Reads and checks the flow: a flow that is wrong never meets a ticket.
 * @throws StewardError InvalidFlow
 */
export async function pinFlow(path: string, check = checkToRun): Promise<Pinned> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new StewardError('InvalidFlow', `the flow ${path} can't be read; STEWARD_FLOW names the file`, { cause });
  });
  return pinText(text, path, check);
}

/** The same of what stands in the file. @throws StewardError InvalidFlow */
export function pinText(text: string, path: string, check = checkToRun): Pinned {
  const definition = readDefinition(text, path);
  const problems = judged(definition, path, check);
  // Not sorted: flows make texts of objects (`States.JsonToString`, `States.Hash`), in the order in which their fields stand.
  const version = versionOf(JSON.stringify(definition));
  return {
    flow: { name: flowName(path), version, definition: definition as JsonObject },
    warnings: problems.map((p) => `the flow ${path}: ${p.path}: ${p.message}`),
  };
}

/** What is no error in it. @throws StewardError InvalidFlow */
function judged(definition: unknown, path: string, check: typeof checkToRun): readonly Problem[] {
  const problems = check(definition);
  const errors = problems.filter((p) => p.severity === 'error');
  if (errors.length === 0) return problems;
  const said = errors.map((p) => ({ file: path, field: p.path, message: p.message }));
  const lines = said.map((p) => `  ${p.field}: ${p.message}`).join('\n');
  throw new StewardError('InvalidFlow', `the flow ${path} is wrong:\n${lines}`, { problems: said });
}

/** A flow's name is that of its file. */
export function flowName(path: string): string {
  return basename(path).replace(/(\.asl)?\.(json|ya?ml)$/, '');
}
