import type { Deps } from '../deps.ts';
import { answerActivities } from './answer.ts';
import { canaryActivities } from './canary.ts';
import { cardActivities } from './cards.ts';
import { deliverActivities } from './deliver.ts';
import { enrichActivities } from './enrich.ts';
import { erasureDataActivities } from './erase/data.ts';
import { erasureKeptActivities } from './erase/end-kept.ts';
import { erasureLookActivities } from './erase/look.ts';
import { erasureMailActivities } from './erase/mail.ts';
import { erasureRequestActivities } from './erase/request.ts';
import { erasureShredActivities } from './erase/shred.ts';
import { erasureTellActivities } from './erase/tell.ts';
import { escalateActivities } from './escalate.ts';
import { evaluateActivities } from './evaluate.ts';
import { translated } from './failure.ts';
import { flowRunActivities } from './flow-run.ts';
import { healingActivities } from './healing.ts';
import { httpActivities } from './http.ts';
import { humanTaskActivities } from './human-task.ts';
import { humanTaskMessageActivities } from './human-task-messages.ts';
import { journalActivities } from './journal.ts';
import { monthlyAuditActivities } from './monthly-audit.ts';
import { noticeActivities } from './notice.ts';
import { notifyActivities } from './notify.ts';
import { parkedBatchActivities } from './parked-batch.ts';
import { receiveActivities } from './receive.ts';
import { retentionActivities } from './retention.ts';
import { webhookActivities } from './webhooks.ts';

/** One side effect each, idempotent; errors leave as `ApplicationFailure`s. */
export function createActivities(deps: Deps) {
  return translated({
    ...receiveActivities(deps),
    ...enrichActivities(deps),
    ...journalActivities(deps),
    ...escalateActivities(deps),
    ...answerActivities(deps),
    ...deliverActivities(deps),
    ...cardActivities(deps),
    ...erasureRequestActivities(deps),
    ...erasureMailActivities(deps),
    ...erasureDataActivities(deps),
    ...erasureTellActivities(deps),
    ...erasureShredActivities(deps),
    ...erasureLookActivities(deps),
    ...erasureKeptActivities(deps),
    ...monthlyAuditActivities(deps),
    ...retentionActivities(deps),
    ...parkedBatchActivities(deps),
    ...humanTaskActivities(deps),
    ...humanTaskMessageActivities(deps),
    ...webhookActivities(deps),
    ...healingActivities(deps),
    ...noticeActivities(deps),
    ...canaryActivities(deps),
    ...evaluateActivities(),
    ...flowRunActivities(deps),
    ...httpActivities(deps),
    ...notifyActivities(deps),
  });
}

export type Activities = ReturnType<typeof createActivities>;
