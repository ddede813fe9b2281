import { expect, test } from 'vitest';
import { ACTS, type Act, KEY_ROLES, type KeyRole, may, rolesThatMay } from '../../src/domain/access.ts';

const RIGHTS: Record<KeyRole, readonly Act[]> = {
  agent: ['sendEvents', 'handleTasks', 'answerFlowTasks', 'startFlows', 'setPresence', 'requestErasure'],
  operator: [
    'sendEvents',
    'handleMails',
    'handleTasks',
    'answerFlowTasks',
    'startFlows',
    'setPresence',
    'decode',
    'requestErasure',
  ],
  privacyOfficer: ['decode', 'requestErasure', 'decideErasure', 'readAudit'],
  auditor: ['readAudit'],
  admin: [
    'sendEvents',
    'handleMails',
    'handleTasks',
    'answerFlowTasks',
    'startFlows',
    'setPresence',
    'decode',
    'requestErasure',
    'decideErasure',
    'readAudit',
  ],
};

test.each(KEY_ROLES)('%s may do what its role is for, and nothing else', (role) => {
  expect(ACTS.filter((act) => may(role, act))).toEqual(RIGHTS[role]);
});

test('neither agents nor auditors read what Temporal shows encrypted', () => {
  expect(rolesThatMay('decode')).toEqual(['operator', 'privacyOfficer', 'admin']);
});
