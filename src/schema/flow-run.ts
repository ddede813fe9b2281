/** What a run of a flow is started with. */
import { z } from 'zod';
import type { FlowArgs } from '../contract-flow.ts';
import type { Problem } from '../domain/errors.ts';
import { FLOW_NAME } from '../domain/flow-run.ts';
import type { Json } from '../domain/json.ts';
import { email, id } from './fields.ts';
import { check, unknownFields } from './problems.ts';

/** As on AWS. */
const MOST_BYTES = 262_144;

const flowArgs = z.object(
  {
    flow: z.string({ error: 'the name of a flow' }).regex(FLOW_NAME, {
      error: 'the name of a flow: letters, digits, "_" and "-", at most 80, without the ending of its file',
    }),
    // What Temporal hands on is JSON.
    input: z.unknown().optional(),
    customerId: id.optional(),
  },
  { error: 'an object like {"flow": "shipment-delay", "input": {}}' },
);

/** Judges anything at all and never throws. */
export function parseFlowArgs(value: unknown): { args: FlowArgs } | { problems: Problem[] } {
  const unknown = unknownFields(['flow', 'input', 'customerId'], value);
  const read = check(flowArgs, value, 'argument');
  if ('problems' in read) return { problems: [...read.problems, ...unknown] };
  const { flow, input, customerId } = read.data;
  const large = tooMuch(input);
  const problems = [...unknown, ...(large === undefined ? [] : [{ field: 'input', message: large }])];
  if (problems.length > 0) return { problems };
  return {
    args: {
      flow,
      ...(input === undefined ? {} : { input: input as Json }),
      ...(customerId === undefined ? {} : { customerId }),
    },
  };
}

function tooMuch(input: unknown): string | undefined {
  try {
    const bytes = Buffer.byteLength(JSON.stringify(input ?? {}));
    return bytes > MOST_BYTES ? `expected ${MOST_BYTES} bytes of JSON at most, got ${bytes}` : undefined;
  } catch {
    return 'expected JSON that is not nested so deep';
  }
}

const who = { customerId: id.optional().catch(undefined), customerEmail: email.optional().catch(undefined) };
const named = z.object({ ...who, detail: z.object(who).optional().catch(undefined) });
const started = z.object({ customerId: who.customerId, input: named.optional().catch(undefined) });

/**
 * Of whom a run speaks: whom its starter names goes before whom its input does by the fields that tickets have. Of any argument, a wrong one
 * too. Never throws.
 */
export function whoInFlow(args: unknown): { customerId?: string; email?: string } {
  const read = started.safeParse(args);
  if (!read.success) return {};
  const { customerId: starter, input } = read.data;
  const { customerId = input?.detail?.customerId, customerEmail = input?.detail?.customerEmail } = input ?? {};
  const id = starter ?? customerId;
  return { ...(id ? { customerId: id } : {}), ...(customerEmail ? { email: customerEmail } : {}) };
}
