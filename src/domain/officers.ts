/** The labels of privacy officers that stand in policies/privacy.yaml. One is only said: it restricts, and gives no right. */
import { StewardError } from './errors.ts';
import { type Identity, idOf } from './identity.ts';
import type { PrivacyPolicy } from './privacy-policy.ts';

type Officers = Pick<PrivacyPolicy, 'officers'>;

/** @throws StewardError InvalidRequest: a label was said that is no officer's who may decide */
export function assertMayDecide({ officers }: Officers, by: Identity): void {
  const label = idOf(by, 'officer');
  if (label === undefined || officers.some(({ id, mayApprove }) => id === label && mayApprove)) return;
  throw new StewardError('InvalidRequest', `officer: ${label} is no officer of policies/privacy.yaml who may approve`);
}

/** @throws StewardError InvalidRequest: nobody's label, or nobody else's could approve it, and it would wait for ever */
export function assertMayVouch({ officers }: Officers, by: Identity): void {
  const label = idOf(by, 'officer');
  if (label === undefined) return;
  if (!officers.some(({ id }) => id === label)) {
    throw new StewardError('InvalidRequest', `vouchedBy: ${label} is no officer of policies/privacy.yaml`);
  }
  if (officers.some(({ id, mayApprove }) => id !== label && mayApprove)) return;
  throw new StewardError(
    'InvalidRequest',
    `vouchedBy: nobody but ${label} may approve it; name another officer with mayApprove: true in policies/privacy.yaml, or let the person prove it by code`,
  );
}
