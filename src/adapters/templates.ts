import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Liquid, LiquidError, type Template } from 'liquidjs';
import type { Templates } from '../deps.ts';
import type { LetterName, TemplateName } from '../domain/delivery.ts';
import { StewardError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { sayWhy } from '../domain/words.ts';
import { together } from './all-in-order.ts';
import { readTemplate } from './template-file.ts';
import { cutText } from './text.ts';

const ENDING = '.liquid';
const NEEDED: Readonly<Record<TemplateName | LetterName, true>> = {
  welcome: true,
  'bot-answer': true,
  'handed-over': true,
  'agent-reply': true,
  escalation: true,
  parked: true,
  'sla-warned': true,
  'sla-breached': true,
  undelivered: true,
  'other-sender': true,
  call: true,
  page: true,
  'page-instead': true,
  'notify-customer': true,
  notify: true,
  'notify-page': true,
  'erasure-code': true,
  'erasure-cooling': true,
  'erasure-nobody': true,
  'erasure-outcome': true,
  'erasure-extension': true,
  'erasure-officers': true,
  'monthly-audit': true,
  'incident-opened': true,
  'incident-stopped': true,
  'incident-closed': true,
  'notice-began': true,
  'notice-ended': true,
  'task-asked': true,
  'task-ended': true,
  summary: true,
};

/** What a template may speak of; `facts` differ from delivery to delivery. */
const VARIABLES =
  /^(ticket\.(id|subject|state|priority|tier)|(customer|recipient)\.(id|name)|text|customerText|customerNow(\..+)?|outage(\..+)?|context\.\w+|links\.(statusPage|webUi|ask|task)|task\.\w+|facts\.\w+|request\.id|links\.request|controller\.(name|contact|authority|authorityUrl)|code|minutes|hours|proof|tries|outcome|reason|kept(\..+)?|erased(\..+)?|open(\..+)?|until|news|step|instead|due|month|links\.report|command|differs(\..+)?|findings(\..+)?|more|sha256|figures\.\w+|tickets(\..+)?)$/;

/** A part of a template's file. */
interface Part {
  readonly parsed: Template[];
  /** How many lines of the file are before it. */
  readonly before: number;
}
interface Ready {
  readonly subject: Part;
  readonly body: Part;
  readonly repeat: 'at-least-once' | 'ask';
  readonly urgent: boolean;
}

/** Every message that there is. */
export const TEMPLATE_NAMES = Object.keys(NEEDED) as readonly (TemplateName | LetterName)[];

/**
 * Reads every template of `dir` at once: a missing or broken one stops the start, not a ticket's way. `names`: those alone.
 * @throws StewardError InvalidTemplate naming the template and what is wrong, the line and the variable.
 */
export async function createTemplates(
  dir: string,
  names: readonly string[] | undefined = undefined,
): Promise<Templates> {
  const engine = createEngine();
  const ready = new Map<string, Ready>();
  const there = new Set<string>();
  const errors: unknown[] = [];
  for (const file of (await list(dir)).filter((name) => name.endsWith(ENDING))) {
    const name = basename(file, ENDING);
    if (names && !names.includes(name)) continue;
    there.add(name);
    const reading = readFile(join(dir, file), 'utf8').then((source) => prepare(engine, name, source));
    await reading.then(
      (template) => ready.set(name, template),
      (error: unknown) => errors.push(error),
    );
  }
  const missing = (names ?? TEMPLATE_NAMES).filter((name) => !there.has(name));
  if (missing.length > 0) {
    const said = `missing in ${dir}: ${missing.map((name) => name + ENDING).join(', ')}`;
    errors.push(new StewardError('InvalidTemplate', said));
  }
  if (errors.length > 0) throw together(errors);

  function get(name: string): Ready {
    const found = ready.get(name);
    if (!found) throw new StewardError('InvalidTemplate', `there is no template "${name}" in ${dir}`);
    return found;
  }

  return {
    async render(name, data) {
      const { subject, body } = get(name);
      return {
        subject: render(engine, name, subject, data).replace(/\s+/g, ' ').trim(),
        text: `${render(engine, name, body, data)
          .replace(/\n{3,}/g, '\n\n')
          .trim()}\n`,
      };
    },
    repeats: (name) => get(name).repeat === 'at-least-once',
    isUrgent: (name) => get(name).urgent,
  };
}

async function list(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (cause) {
    throw new StewardError('InvalidTemplate', `the templates' directory ${dir} can't be read`, { cause });
  }
}

function createEngine(): Liquid {
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    // An empty map in the place of the file system: a template includes nothing.
    templates: {},
    outputEscape: print,
  });
  engine.registerFilter('quoted', quoted);
  engine.registerFilter('why', (why: unknown) => sayWhy(String(why)));
  return engine;
}

/** Every output goes through here: nothing is escaped (mails are plain text), and nothing is left blank by mistake. */
function print(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(value === null || value === undefined ? 'has no value' : 'is not a text');
}

/** As mails quote: each line behind `> `, cut to `max` characters. */
function quoted(text: unknown, max = 2_000): string {
  return cutText(print(text).trim(), max)
    .split(/\r?\n/)
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}

function prepare(engine: Liquid, name: string, source: string): Ready {
  const { subject, body, repeat, urgent, before } = readTemplate(name, source);
  const part = (text: string, linesBefore: number): Part => {
    try {
      const parsed = engine.parse(text);
      const unknown = unknownIn(engine, parsed, linesBefore);
      if (unknown.length > 0) throw new Error(`knows no variable ${unknown.join(', ')}`);
      return { parsed, before: linesBefore };
    } catch (error) {
      throw invalid(name, error, linesBefore);
    }
  };
  return { subject: part(subject, before.subject), body: part(body, before.body), repeat, urgent };
}

/** Each with the line of the file in which it is met first. */
function unknownIn(engine: Liquid, parsed: Template[], linesBefore: number): readonly string[] {
  const wrong = engine.globalFullVariablesSync(parsed).filter((variable) => !VARIABLES.test(variable));
  if (wrong.length === 0) return [];
  const found = Object.values(engine.analyzeSync(parsed).globals).flat();
  return wrong.map((variable) => {
    const at = found.find((one) => String(one) === variable);
    return at ? `${variable} (line ${linesBefore + at.location.row})` : variable;
  });
}

function render(engine: Liquid, name: string, { parsed, before }: Part, data: JsonObject): string {
  try {
    return String(engine.renderSync(parsed, data));
  } catch (error) {
    throw invalid(name, error, before);
  }
}

/** Names the place in the template, never what was to be filled in: the message ends up in a history. */
function invalid(name: string, error: unknown, linesBefore: number): StewardError {
  const isPlaced = LiquidError.is(error) && error.token;
  const said = isPlaced ? (error.originalError ?? error) : error;
  const what = said instanceof Error ? (said.message.split('\n')[0] ?? '') : 'is broken';
  const place = isPlaced
    ? ` in line ${linesBefore + Number(error.token.getPosition()[0])}: ${error.token.getText()}`
    : '';
  return new StewardError('InvalidTemplate', `template ${name}${ENDING}: ${what}${place}`);
}
