import { Command, InvalidArgumentError, Option } from 'commander';
import { KEY_ROLES } from '../domain/access.ts';
import { PRESENCES } from '../domain/presence.ts';
import { TICKET_STATES } from '../domain/ticket.ts';
import type { ShowOptions as AuditShowOptions, VerifyOptions } from './audit.ts';
import { command, time, wholeNumber } from './command.ts';
import type { Context, JsonOption } from './context.ts';
import type { EraseOptions } from './erase.ts';
import type { CheckOptions, DrawOptions } from './flow.ts';
import type { ModulesOptions } from './flow-modules.ts';
import type { EvalOptions } from './flow-trial.ts';
import type { CreateKeyOptions } from './key.ts';
import type { ListOptions } from './list.ts';
import type { MonthlyOptions } from './monthly-audit.ts';
import type { FixOptions, SkipOptions, StepOptions } from './operate.ts';
import type { PolicyOptions } from './policy.ts';
import { addDeploying } from './program-deploy.ts';
import { addFlowRuns } from './program-flow-run.ts';
import { addParked } from './program-parked.ts';
import { addPrivacy } from './program-privacy.ts';
import { addTasks } from './program-task.ts';
import { addIncidents, addMails, addSources, addWebhooks } from './program-webhook.ts';
import type { PreviewOptions } from './template.ts';
import type { ReassignOptions, ReplyOptions, SnoozeOptions, WorkOptions } from './work.ts';

/** The commands, without what they need: each loads that when it runs, so that help and usage errors come at once. */
export function createProgram(context: Context, fail: () => void): Command {
  const program = new Command('steward')
    .description('Customer support automation on Temporal: what came in, where it is, and how to bring it on.')
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .showHelpAfterError('(--help tells how it is called)')
    // What stands behind a command is that one's own: `parked report ID --json` asks the report for JSON.
    .enablePositionalOptions()
    .exitOverride();
  addTickets(program, context);
  addWork(program, context);
  addTasks(program, context);
  addAgents(program, context);
  addOperations(program, context);
  addKeys(program, context);
  addErasures(program, context);
  addAudit(program, context, fail);
  addWebhooks(program, context, fail);
  addIncidents(program, context);
  addMails(program, context);
  addPrivacy(program, context);
  command(program, 'migrate', "bring the database's tables and rights up to date, as their owner").action(
    async (options: JsonOption) => (await import('./migrate.ts')).migrate(context, options),
  );
  addFlows(program, context, fail);
  addPolicies(program, context, fail);
  addSources(program, context, fail);
  addTemplates(program, context);
  return program;
}

function addTickets(program: Command, context: Context): void {
  command(program, 'submit', 'send a ticket in: a ticket.created event as JSON')
    .argument('<file>', 'the event; - reads standard input')
    .action(async (file: string, options: JsonOption) => (await import('./submit.ts')).submit(context, file, options));
  command(program, 'list', 'tickets, the newest first')
    .addOption(new Option('--state <state>', 'only these').choices(TICKET_STATES))
    .option('--needs-attention', 'only those with a parked step')
    .option('--summary <id>', 'only those that this summary tells of', (id) => String(wholeNumber(id)))
    .option('--limit <n>', 'at most so many', wholeNumber, 20)
    .action(async (options: ListOptions) => (await import('./list.ts')).list(context, options));
  command(program, 'show', "a ticket's way in words: what was decided and why, who was told what")
    .argument('<ticket>')
    .action(async (id: string, options: JsonOption) => (await import('./show.ts')).show(context, id, options));
  addParked(program, context);
}

function addOperations(program: Command, context: Context): void {
  const step = '--step <step>';
  const which = 'such as EscalateToAgent#1; without it the one parked first';
  const json = 'JSON, or @ and a file that holds it';
  for (const [act, help] of [
    ['retry', 'try a parked step again'],
    ['abort', "end a parked ticket's flow and give it to a person"],
  ] as const) {
    command(program, act, help)
      .argument('<ticket>')
      .option(step, which)
      .action(async (id: string, options: StepOptions) =>
        (await import('./operate.ts')).again(context, act, id, options),
      );
  }
  command(program, 'fix', 'try a parked step again with new input')
    .argument('<ticket>')
    .requiredOption('--input <json>', `the step's new input: ${json}`)
    .option(step, which)
    .action(async (id: string, options: FixOptions) => (await import('./operate.ts')).fix(context, id, options));
  command(program, 'skip', 'go on as if a parked step had given this result')
    .argument('<ticket>')
    .option('--result <json>', json, '{}')
    .option(step, which)
    .action(async (id: string, options: SkipOptions) => (await import('./operate.ts')).skip(context, id, options));
}

/** What an agent says to a ticket. */
function addWork(program: Command, context: Context): void {
  const agent = ['--agent <id>', 'as policies/team.yaml names them'] as const;
  for (const [act, help] of [
    ['claim', 'take a ticket: nobody else is called about it for a while'],
    ['resolve', 'say that a ticket is solved'],
  ] as const) {
    command(program, act, help)
      .argument('<ticket>')
      .requiredOption(...agent)
      .action(async (id: string, options: WorkOptions) => (await import('./work.ts')).work(context, act, id, options));
  }
  command(program, 'reassign', 'give a ticket to somebody else of the team, who is told')
    .argument('<ticket>')
    .requiredOption(...agent)
    .requiredOption('--to <id>', 'who gets it, as policies/team.yaml names them')
    .action(async (id: string, options: ReassignOptions) => (await import('./work.ts')).reassign(context, id, options));
  command(program, 'snooze', 'put off who is called next about a ticket')
    .argument('<ticket>')
    .requiredOption(...agent)
    .requiredOption('--minutes <n>', 'for how long, at most 10080', wholeNumber)
    .action(async (id: string, options: SnoozeOptions) => (await import('./work.ts')).snooze(context, id, options));
  command(program, 'reply', 'answer the customer')
    .argument('<ticket>')
    .requiredOption(...agent)
    .requiredOption('--message <text>', 'the answer, @ and a file that holds it, or - for standard input')
    .action(async (id: string, options: ReplyOptions) => (await import('./work.ts')).reply(context, id, options));
}

const PRESENCE_WORDS = {
  available: 'there: gets new tickets',
  away: 'back soon: gets no new tickets, and keeps those that are there',
  off: 'gone: gets no new tickets, and what customers wait for goes to somebody else',
} as const;

/** Who is there. */
function addAgents(program: Command, context: Context): void {
  const agent = program.command('agent').description('who is there to take tickets');
  for (const presence of PRESENCES) {
    command(agent, presence, PRESENCE_WORDS[presence])
      .argument('<agent>', 'as policies/team.yaml names them')
      .action(async (id: string, options: JsonOption) =>
        (await import('./agent.ts')).setPresence(context, id, presence, options),
      );
  }
}

function addKeys(program: Command, context: Context): void {
  const key = program.command('key').description('API keys of the gateway');
  command(key, 'create', 'make a key; it is shown once')
    .argument('<name>', 'whose it is, for the list')
    .addOption(new Option('--role <role>', 'what it may be used for').choices(KEY_ROLES).default('agent'))
    .option('--agent <id>', 'whose own it is: by it one acts as this agent of policies/team.yaml, and as nobody else')
    .action(async (name: string, options: CreateKeyOptions) =>
      (await import('./key.ts')).createKey(context, name, options),
    );
  command(key, 'list', 'the keys by id and name; the keys themselves are kept nowhere').action(
    async (options: JsonOption) => (await import('./key.ts')).listKeys(context, options),
  );
  command(key, 'revoke', 'turn away whoever has this key')
    .argument('<id>')
    .action(async (id: string, options: JsonOption) => (await import('./key.ts')).revokeKey(context, id, options));
}

function addAudit(program: Command, context: Context, fail: () => void): void {
  const audit = program.command('audit').description('the log of who did what, which nobody can change unseen');
  command(audit, 'verify', 'is it whole? Names the first entry that is not')
    .option('--heads <file...>', "compare with these copies of its heads, not with the worker's own file")
    .option('--from <position>', 'look at nothing before this position', position, 1)
    .option('--strict', 'warnings fail too')
    .action(async (options: VerifyOptions) => {
      const { ok } = await (await import('./audit.ts')).verify(context, options);
      if (!ok) fail();
    });
  command(audit, 'show', 'its entries, the newest first; that you looked is logged')
    .option('--object <object>', 'only of this one, such as ticket/TKT-1')
    .option('--action <action>', 'only this, such as ticket.claimed')
    .option('--actor <id>', 'only by this one, such as operator')
    .option('--since <time>', 'only from then on, such as 2026-04-23 or 2026-04-23T10:15:00Z', time)
    .option('--limit <n>', 'at most so many', wholeNumber, 50)
    .action(async (options: AuditShowOptions) => (await import('./audit.ts')).show(context, options));
  audit
    .command('export')
    .description('everything in it as JSON lines with position and hash; that you took it is logged')
    .option('--from <position>', 'nothing before this position', position, 1)
    .action(async (options: { from: number }) => (await import('./audit.ts')).exportLog(context, options));
  command(audit, 'monthly', "the months' reports: the list, or one of them")
    .argument('[month]', 'such as 2026-10')
    .option('--run <month>', 'measure it now; a report that is there stands, and you hear whether the same came out')
    .action(async (month: string | undefined, options: MonthlyOptions) =>
      (await import('./monthly-audit.ts')).monthly(context, month, options),
    );
}

function addErasures(program: Command, context: Context): void {
  command(program, 'erase', 'ask for the erasure of a person, by their address or customer id')
    .argument('[address]', 'their e-mail address')
    .option('--customer <id>', 'by customer id instead')
    .option('--preview', 'only list what would go, by store and category')
    .option('--vouched-by <officer>', 'you know who it is: no code, but another officer has to approve')
    .option('--reapply', 'after a restored backup: erase again whom it brought back')
    .action(async (address: string | undefined, options: EraseOptions) =>
      (await import('./erase.ts')).erase(context, address, options),
    );
  const erasure = program
    .command('erasure')
    .description('requests for erasure, and what a privacy officer says to them');
  command(erasure, 'list', 'requests that have not ended, the one due first')
    .option('--all', 'ended ones too')
    .action(async (options: JsonOption & { all?: boolean }) =>
      (await import('./erase.ts')).listErasures(context, options),
    );
  command(erasure, 'show', 'where a request stands, what was kept and why, who was told')
    .argument('<request>')
    .action(async (id: string, options: JsonOption) => (await import('./erase.ts')).showErasure(context, id, options));
  const label = 'who you are, as in policies/privacy.yaml: a label; what counts is your API key or database login';
  for (const [act, help] of [
    ['approve', 'let it go on'],
    ['vouch', 'you know who it is: no code is needed, but another officer has to approve'],
  ] as const) {
    command(erasure, act, help)
      .argument('<request>')
      .option('--officer <id>', label)
      .action(async (id: string, options: JsonOption & { officer?: string }) =>
        (await import('./erase.ts')).ruleErasure(context, id, act, {}, options),
      );
  }
  for (const [act, help] of [
    ['refuse', 'refuse it; the person is told the reason'],
    ['extend', 'two more months; the person is told the reason'],
  ] as const) {
    command(erasure, act, help)
      .argument('<request>')
      .option('--officer <id>', label)
      .requiredOption('--reason <text>', 'for the person; it is kept, so it names nobody')
      .action(async (id: string, { reason, ...options }: JsonOption & { officer?: string; reason: string }) =>
        (await import('./erase.ts')).ruleErasure(context, id, act, { reason }, options),
      );
  }
  for (const [act, help] of [
    ['retry', 'try a parked step again'],
    ['skip', 'leave a parked step out; not a part of the erasure itself'],
  ] as const) {
    command(erasure, act, help)
      .argument('<request>')
      .option('--step <step>', 'without it the one parked first')
      .action(async (id: string, { step, ...options }: JsonOption & { step?: string }) =>
        (await import('./erase.ts')).ruleErasure(context, id, act, step === undefined ? {} : { step }, options),
      );
  }
}

function addFlows(program: Command, context: Context, fail: () => void): void {
  const flow = program
    .command('flow')
    .description('flows in Amazon States Language: checked and tried without a running Steward, deployed to one');
  command(flow, 'check', 'everything that is wrong with them, judged as at a start')
    .argument('<file...>', 'JSON or YAML')
    .option('--strict', 'warnings fail too')
    .action(async (files: string[], options: CheckOptions) => {
      const { ok } = await (await import('./flow.ts')).checkFlows(context, files, options);
      if (!ok) fail();
    });
  command(flow, 'schema', 'the JSON Schema of flows, for editors (docs/flow.schema.json)').action(async () =>
    (await import('./flow.ts')).printSchema(context),
  );
  command(flow, 'modules', 'what the Tasks of a flow can call (docs/modules.md)')
    .option('--markdown', 'as the page docs/modules.md')
    .action(async (options: ModulesOptions) => (await import('./flow-modules.ts')).listModules(context, options));
  command(flow, 'eval', 'run a flow to its end without any server: Tasks answer by mocks, and time passes at once')
    .requiredOption('--definition <file>', 'JSON or YAML')
    .requiredOption('--input <file>', "JSON, the flow's input; - for standard input")
    .option(
      '--mocks <file>',
      'JSON: {"<state>" or "<state>@<map index>": [{"result": …} or {"error": …, "cause": …}, …]}',
    )
    .option('--at <time>', 'when the virtual clock begins, as 2026-04-23T14:30:00Z; else now')
    .action(async (options: EvalOptions) => {
      const { ok } = await (await import('./flow-trial.ts')).evalFlow(context, options);
      if (!ok) fail();
    });
  command(flow, 'test', "run flows' own tests (*.flow-test.yaml); needs no server either, and thirty days pass at once")
    .argument('<file...>', 'files of tests')
    .action(async (files: string[], options: JsonOption) => {
      const { ok } = await (await import('./flow-trial.ts')).testFlows(context, files, options);
      if (!ok) fail();
    });
  command(flow, 'draw', 'the flow as a Mermaid flowchart')
    .argument('[flow]', 'its name: what new runs go by; or a file; may be left out of a ticket or a run')
    .option('--ticket <id>', 'the way that this ticket took, where it stands, times and attempts')
    .option('--run <id>', 'the same of a run without a ticket')
    .action(async (flow: string | undefined, options: DrawOptions) =>
      (await import('./flow.ts')).draw(context, flow, options),
    );
  addDeploying(flow, context, fail);
  addFlowRuns(flow, context, fail);
}

function addPolicies(program: Command, context: Context, fail: () => void): void {
  const policy = program.command('policy').description('who works here, what we promise, how long we keep things');
  command(policy, 'check', 'everything that is wrong with them, judged as at a start; needs no running Steward')
    .argument('<file...>', 'such as policies/sla.yaml')
    .addOption(
      new Option('--kind <kind>', "where the file's name does not say what policy it is").choices([
        'team',
        'privacy',
        'sla',
        'escalation',
        'webhooks',
        'healing',
      ]),
    )
    .action(async (files: string[], options: PolicyOptions) => {
      const { ok } = await (await import('./policy.ts')).checkPolicies(context, files, options);
      if (!ok) fail();
    });
}

function addTemplates(program: Command, context: Context): void {
  const template = program.command('template').description('the messages that go out');
  command(template, 'list', 'every template, and whom it goes to').action(async (options: JsonOption) =>
    (await import('./template.ts')).listTemplates(context, options),
  );
  command(template, 'preview', 'a message as it would be sent; nothing is. Without --ticket on example data')
    .argument('<name>', 'such as escalation')
    .option('--ticket <id>', "about this ticket; that you looked at its customer's data is logged")
    .action(async (name: string, options: PreviewOptions) =>
      (await import('./template.ts')).previewTemplate(context, name, options),
    );
}

function position(given: string): number {
  const number = Number(given);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('a position: 1 or more');
  return number;
}
