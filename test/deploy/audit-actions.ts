/** What the audit log can say, as docs/operations.md shows it. */
import { AUDIT_ACTIONS } from '../../src/domain/audit-actions.ts';

export function actionTable(): string {
  const groups = Object.entries(AUDIT_ACTIONS).map(([group, actions]) => {
    const rows = Object.entries(actions).map(([action, says]) => `| \`${action}\` | ${says} |`);
    return [`| ${group} | says |`, '|---|---|', ...rows].join('\n');
  });
  return groups.join('\n\n');
}
