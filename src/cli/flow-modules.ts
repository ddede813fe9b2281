import type { JsonObject } from '../domain/json.ts';
import { CATALOGUE, type ModuleCard, resultSchema } from '../domain/module-catalogue.ts';
import {
  FURTHER_NAMES,
  MODULES,
  type ModuleName,
  ONLY_WITH_TOKEN,
  WITH_TOKEN,
  WITHOUT_TICKET,
} from '../domain/modules.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable } from './say.ts';

export interface ModulesOptions extends JsonOption {
  /** The page docs/modules.md. */
  readonly markdown?: boolean;
}

/** What a flow's Tasks can call. `--json`: with the JSON Schemas of what each takes and gives. */
export function listModules(context: Context, options: ModulesOptions): void {
  if (options.json) {
    const said = MODULES.map((name) => ({
      name,
      ...CATALOGUE[name],
      output: resultSchema(name) ?? null,
      furtherNames: furtherNames(name),
      withoutTicket: WITHOUT_TICKET.includes(name),
    }));
    sayJson(context, said);
    return;
  }
  if (options.markdown) {
    context.out(modulesPage());
    return;
  }
  const rows = MODULES.flatMap((name) => [
    [name, card(name).description],
    ...furtherNames(name).map((other) => [other, `The same as ${name}.`]),
  ]);
  context.out(`${sayTable([...rows, ['runFlow', RUN_FLOW]])}\n`);
}

const RUN_FLOW = 'Runs another flow and waits for it: the same as states:startExecution.sync:2.';

function furtherNames(name: ModuleName): string[] {
  return Object.entries(FURTHER_NAMES).flatMap(([other, of]) => (of === name ? [other] : []));
}

const card = (name: ModuleName): ModuleCard => CATALOGUE[name];

/** docs/modules.md */
export function modulesPage(): string {
  return [
    '# Modules',
    '',
    'What the Task states of a flow can call, by `"Resource": "module:<name>"`. `steward flow modules` lists them, with `--json` their JSON Schemas too.',
    'This page is made by `steward flow modules --markdown`. Beside them `module:runFlow` runs another flow and waits for it: the same as [`states:startExecution.sync:2`](flows.md#states).',
    ...MODULES.flatMap((name) => ['', ...section(name)]),
    '',
  ].join('\n');
}

function section(name: ModuleName): string[] {
  const { description, input, output, cost, repeated } = card(name);
  const takes = input?.properties as Readonly<Record<string, JsonObject>> | undefined;
  return [
    `## \`${name}\``,
    '',
    [description, ...furtherNames(name).map((other) => `Also called \`module:${other}\`.`)].join(' '),
    '',
    ...(takes
      ? ['Takes, in Parameters:', '', ...table(takes, (input?.required as readonly string[] | undefined) ?? [])]
      : [WITHOUT_TICKET.includes(name) ? 'Takes nothing.' : 'Takes nothing from the flow: it has the ticket.']),
    '',
    ...(output === null
      ? ['Gives whatever its token is completed with.']
      : ['Gives:', '', ...table(output as Readonly<Record<string, JsonObject>>)]),
    ...sayToken(name),
    ...(WITHOUT_TICKET.includes(name) ? ['', 'Works without a ticket too (`steward flow run`).'] : []),
    '',
    `Costs: ${cost}. A repeat ${repeated}.`,
  ];
}

function sayToken(name: ModuleName): string[] {
  if (ONLY_WITH_TOKEN.includes(name)) return ['', `Called as \`module:${name}.waitForTaskToken\`.`];
  if (!WITH_TOKEN.includes(name)) return [];
  const said = 'its Parameters take `$$.Task.Token` along, and the Task gives what that token is completed with';
  return ['', `Called as \`module:${name}.waitForTaskToken\` too: ${said}.`];
}

function table(fields: Readonly<Record<string, JsonObject>>, required: readonly string[] = []): string[] {
  return ['| field | type | |', '| --- | --- | --- |', ...rows(fields, '', required)];
}

function rows(fields: Readonly<Record<string, JsonObject>>, before: string, required: readonly string[]): string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const words = [
      field.description ?? '',
      ...(required.includes(name) ? ['Needed.'] : []),
      ...(field['x-personal'] === true ? ['Personal.'] : []),
    ];
    const row = `| \`${before}${name}\` | ${typeOf(field)} | ${words.filter((word) => word !== '').join(' ')} |`;
    const within = field.properties as Readonly<Record<string, JsonObject>> | undefined;
    return within ? [row, ...rows(within, `${before}${name}.`, [])] : [row];
  });
}

function typeOf({ type, enum: choices, items }: JsonObject): string {
  if (Array.isArray(choices)) return choices.map((choice) => `\`${choice}\``).join(', ');
  if (type === 'array') return `list of ${typeOf(items as JsonObject)}`;
  return [type].flat().join(' or ');
}
