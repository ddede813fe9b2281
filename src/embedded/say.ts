import type { Started } from './start.ts';

/** The short table after a start: where things are, and what to try next. */
export function sayStarted(started: Started): string {
  const { gatewayUrl, temporalCli, webUi } = started;
  const { config } = started.settled;
  const rows: Row[] = [
    ['Web form', `${gatewayUrl}/support`],
    ['Erasure form', `${gatewayUrl}/privacy`],
    ['Events', `POST ${gatewayUrl}/v1/events`],
    ['API', `${gatewayUrl}/openapi.json`],
    ...row('Temporal Web UI', webUi && `${webUi}/namespaces/${config.temporal.namespace}/workflows`),
    ...row('  made readable', webUi && `${gatewayUrl}/codec`),
    ...row('Temporal CLI', temporalCli),
    ['Messages sent', `${config.stateDir}/outbox`],
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(16)} ${value}`);
  if (started.newKey) {
    lines.push('', `  API key (shown this once): ${started.newKey}`);
  }
  if (started.sent.length > 0) lines.push('', `  Demo tickets sent: ${started.sent.join(', ')}`);
  const first = started.sent[0] ?? 'TICKET';
  lines.push(
    '',
    '  Try: npx steward list',
    `       npx steward show ${first}`,
    '       npm run demo',
    '',
    '  Ctrl-C stops everything.',
  );
  return `\n${lines.join('\n')}\n\n`;
}

type Row = readonly [name: string, value: string];

/** None for what is not there. */
function row(name: string, value: string | undefined): Row[] {
  return value === undefined ? [] : [[name, value]];
}
