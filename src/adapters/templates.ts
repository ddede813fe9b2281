import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Liquid, LiquidError, type Template } from 'liquidjs';
import type { Templates } from '../deps.ts';
import type { LetterName, TemplateName } from '../domain/delivery.ts';
import { StewardError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { sayWhy } from '../domain/words.ts';
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
  'erasure-code': true,
  'erasure-cooling': true,
  'erasure-nobody': true,
  'erasure-outcome': true,
  'erasure-extension': true,
  'erasure-officers': true,
  'monthly-audit': true,
};

/** What a template may speak of; `facts` differ from delivery to delivery. */
const VARIABLES =
  /^(ticket\.(id|subject|state|priority|tier)|(customer|recipient)\.(id|name)|text|customerText|outage(\..+)?|context\.\w+|links\.(statusPage|webUi|ask)|facts\.\w+|request\.id|links\.request|controller\.(name|contact|authority|authorityUrl)|code|minutes|hours|proof|tries|outcome|reason|kept(\..+)?|erased(\..+)?|open(\..+)?|until|news|step|instead|due|month|links\.report|command|differs(\..+)?|findings(\..+)?|more|sha256|figures\.\w+)$/;

interface Ready {
  readonly subject: Template[];
  readonly body: Template[];
  readonly repeat: 'at-least-once' | 'ask';
}

/**
 * Reads every template of `dir` at once: a missing or broken one stops the start, not a ticket's way.
 * @throws StewardError InvalidTemplate naming the template and what is wrong.
 */
export async function createTemplates(dir: string): Promise<Templates> {
  const engine = createEngine();
  const ready = new Map<string, Ready>();
  for (const file of (await list(dir)).filter((name) => name.endsWith(ENDING))) {
    const name = basename(file, ENDING);
    ready.set(name, prepare(engine, name, await readFile(join(dir, file), 'utf8')));
  }
  const missing = Object.keys(NEEDED).filter((name) => !ready.has(name));
  if (missing.length > 0) {
    throw new StewardError('InvalidTemplate', `missing in ${dir}: ${missing.map((name) => name + ENDING).join(', ')}`);
  }

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
  const { subject, body, repeat } = readTemplate(name, source);
  const parse = (text: string) => {
    try {
      const template = engine.parse(text);
      const unknown = engine.globalFullVariablesSync(template).filter((variable) => !VARIABLES.test(variable));
      if (unknown.length > 0) throw new Error(`knows no variable ${unknown.join(', ')}`);
      return template;
    } catch (error) {
      throw invalid(name, error);
    }
  };
  return { subject: parse(subject), body: parse(body), repeat };
}

function render(engine: Liquid, name: string, template: Template[], data: JsonObject): string {
  try {
    return String(engine.renderSync(template, data));
  } catch (error) {
    throw invalid(name, error);
  }
}

/** Names the place in the template, never what was to be filled in: the message ends up in a history. */
function invalid(name: string, error: unknown): StewardError {
  const what = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'is broken';
  const place = LiquidError.is(error) && error.token ? ` at ${error.token.getText()}` : '';
  return new StewardError('InvalidTemplate', `template ${name}${ENDING}: ${what}${place}`);
}
