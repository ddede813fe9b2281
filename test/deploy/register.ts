/** The register of personal data as docs/privacy.md shows it. */
import { PERSONAL_DATA, type PersonalColumn, REACH } from '../../src/domain/personal-data.ts';

export function registerTable(): string {
  const tables = [...new Set(PERSONAL_DATA.map(({ table }) => table))];
  const rows = tables.flatMap((table) => (Object.hasOwn(REACH, table) ? rowsOf(table) : []));
  const others = tables.filter((table) => !Object.hasOwn(REACH, table)).map((table) => `\`${table}\``);
  return [
    '| table | columns | category | in an erasure | why |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    `Tables without a customer: ${others.join(', ')}.`,
  ].join('\n');
}

/** Columns of which the same is said stand together; what goes stands first. */
function rowsOf(table: string): string[] {
  const columns = PERSONAL_DATA.filter((found) => found.table === table);
  const told = (found: PersonalColumn) => `${found.category} | ${found.verdict} | ${found.why}`;
  const order = ['erase', 'pseudonymise', 'keep'];
  const sorted = [...columns].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  return [...new Set(sorted.map(told))].map((said) => {
    const names = sorted.filter((found) => told(found) === said).map(({ column }) => `\`${column}\``);
    return `| \`${table}\` | ${names.join(', ')} | ${said} |`;
  });
}
