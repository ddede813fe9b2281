import type { Json } from '../domain/json.ts';
import { complain, needText, readNumber, readText, type Source, sourceOf } from './fields.ts';
import { checkGraph } from './graph.ts';
import { MOST_SECONDS } from './inout.ts';
import { below, createReport, holdsInvisible, type Problem, quoted, type Report, shown } from './problems.ts';
import { readState } from './readState.ts';
import type { Flow, State } from './types.ts';
import { expectFields, type QueryLanguage, readLanguage } from './vocabulary.ts';

/** The language's own bound on a state's name, in characters. */
const LONGEST_NAME = 80;
/** Deeper than any flow a person writes, shallow enough for every stack. */
const DEEPEST = 100;

/**
 * Reads a whole definition: the flow as far as it is readable, and everything that is wrong with it. `checked`: it was read before
 * and found right, as the one that is pinned into a ticket's history; what only a first reading can find is not looked for again.
 */
export function readFlow(
  definition: unknown,
  name: string,
  { checked = false }: { checked?: boolean } = {},
): { flow: Flow | undefined; problems: readonly Problem[] } {
  const report = createReport();
  if (!isJson(definition, '$', 0, report.error, checked)) return { flow: undefined, problems: report.problems };
  const source = sourceOf(definition, '$', report, 'a flow');
  const reading = { name, checked, names: new Map<string, string>() };
  return { flow: source && readWhole(source, reading), problems: report.problems };
}

interface Reading {
  readonly name: string;
  readonly checked: boolean;
  readonly language: QueryLanguage;
  /** Every state's name so far, in whichever branch, and where it stands: they must differ all over the definition. */
  readonly names: Map<string, string>;
}

function readWhole(source: Source, reading: Omit<Reading, 'language'>): Flow | undefined {
  expectFields(source, 'flow');
  const version = readText(source, 'Version');
  if (version !== undefined && version !== '1.0')
    complain(source, 'Version', `Version must be 1.0; this is ${shown(version)}`);
  const timeoutSeconds = readNumber(source, 'TimeoutSeconds', { least: 1, most: MOST_SECONDS, whole: true });
  const flow = readParts(source, { ...reading, language: readLanguage(source, 'JSONPath') }, false);
  return flow && { ...flow, timeoutSeconds };
}

function readParts(source: Source, reading: Reading, within: boolean): Flow | undefined {
  const { report } = source;
  const startAt = needText(source, 'StartAt', 'the name of the first state');
  const comment = readText(source, 'Comment');
  const states = readStates(source);
  if (!states) return undefined;
  if (!reading.checked) checkGraph(source, states);
  const read = new Map<string, State>();
  for (const [state, value] of Object.entries(states.object)) {
    const path = below(states.path, state);
    checkName(state, path, report);
    const other = reading.names.get(state);
    if (other !== undefined)
      report.error(path, `there is another ${quoted(state)} at ${other}; every state needs a name of its own`);
    reading.names.set(state, path);
    const inner = sourceOf(value, path, report, 'a state');
    const found =
      inner &&
      readState(state, inner, {
        within,
        language: reading.language,
        readInner: (flow, part) => readInner(flow, part, reading),
      });
    if (found) read.set(state, found);
  }
  return startAt === undefined
    ? undefined
    : { name: reading.name, comment, startAt, states: read, timeoutSeconds: undefined };
}

function readInner(source: Source, part: 'branch' | 'processor', reading: Reading): Flow | undefined {
  expectFields(source, part);
  return readParts(source, { ...reading, language: readLanguage(source, reading.language) }, true);
}

/** The name goes into histories, the timeline and mails. */
function checkName(name: string, path: string, report: Report): void {
  if (name === '') report.error(path, 'a state needs a name');
  if ([...name].length > LONGEST_NAME) report.error(path, `a state's name has at most ${LONGEST_NAME} characters`);
  if (holdsInvisible(name)) {
    report.error(
      path,
      "a state's name can't hold control characters, line breaks or halves of characters; take them out",
    );
  }
}

function readStates(source: Source): Source | undefined {
  if (source.object.States === undefined)
    return complain(source, 'States', 'States is missing: an object of states by name');
  const states = sourceOf(source.object.States, below(source.path, 'States'), source.report, 'States');
  if (states && Object.keys(states.object).length === 0)
    return complain(source, 'States', 'a flow needs at least one state');
  return states;
}

/** Only JSON comes in: YAML can bring dates, infinities and circles. */
function isJson(
  value: unknown,
  path: string,
  depth: number,
  complainOf: (path: string, message: string) => void,
  checked = false,
): value is Json {
  if (checked) return true;
  if (depth > DEEPEST) {
    complainOf(path, `nested more than ${DEEPEST} deep`);
    return false;
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number' && Number.isFinite(value)) return true;
  if (Array.isArray(value))
    return value.every((item, index) => isJson(item, below(path, index), depth + 1, complainOf));
  if (typeof value === 'object' && isPlain(value)) {
    return Object.entries(value).every(([key, inner]) => isJson(inner, below(path, key), depth + 1, complainOf));
  }
  const shown = typeof value === 'object' ? 'a date or another thing' : String(value);
  complainOf(path, `${shown} is no JSON; quote it if text is meant`);
  return false;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  // A flow that was parsed outside the workflow's sandbox has another Object: its prototype's prototype is null all the same.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
