import { createHash } from 'node:crypto';
import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { ticketWorkflowId } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { StewardError, sayProblems } from '../domain/errors.ts';
import { checkHttpCall, httpCallOf, isOnlyRead } from '../domain/http-call.ts';
import type { Json } from '../domain/json.ts';
import type { ProviderAnswer } from './failure.ts';

export interface HttpAsked {
  /** The Task's Parameters, as the flow has made them. */
  readonly request: Json;
  /** What it is done for: the same for each repeat of it, and for nothing else of the workflow. */
  readonly occasion: string;
  readonly step: string;
  readonly attempt: number;
  /** The workflow's first run: one that is started anew under its id does everything anew. */
  readonly firstRunId: string;
  /** The workflow in whose name it is done, where that is another one. */
  readonly rootId?: string;
}
export interface HttpDone {
  readonly status: number;
  readonly body: Json;
}

export function httpActivities({ http, audit }: Pick<Deps, 'http' | 'audit'>) {
  return {
    /**
     * One request of a flow.
     * @throws InvalidRequest; `States.Http.StatusCode.…`, `States.Http.Socket`, `States.Timeout` or `States.DataLimitExceeded` with a
     * `ProviderAnswer`, all final for Temporal: whether to try again is the flow's to say
     */
    async callHttp({ request, occasion, step, attempt, firstRunId, rootId }: HttpAsked): Promise<HttpDone> {
      const problems = checkHttpCall(request);
      if (problems.length > 0) throw new StewardError('InvalidRequest', sayProblems(problems), { problems });
      const call = httpCallOf(request);
      const host = http.hostOf(call);
      const { workflowId } = activityInfo().workflowExecution ?? { workflowId: '' };
      const root = rootId ?? workflowId;
      const key = createHash('sha256')
        .update(JSON.stringify([root, firstRunId, occasion]))
        .digest('hex');
      const signal = cancellationSignal();
      // Neither path nor body: they may lead to a person, and the log is kept for good.
      const said = { step, attempt, method: call.method, host, key };
      const log = async (action: 'http.intent' | 'http.outcome', more: { readonly outcome?: string } = {}) => {
        if (isOnlyRead(call.method)) return;
        const actor = { kind: 'workflow', id: workflowId } as const;
        await audit.append([{ actor, action, object: objectOf(root), after: { ...said, ...more } }]);
      };
      await log('http.intent');
      const answer = await http.send(call, { key, leftMs: timeLeft(), signal }).catch((error: unknown) => {
        throw signal.aborted ? new CancelledFailure('the worker stops') : error;
      });
      await log('http.outcome', { outcome: answer.outcome === 'answered' ? `HTTP ${answer.status}` : answer.reason });
      if (answer.outcome === 'answered') return { status: answer.status, body: answer.body };
      const { error: type, reason, retryable, retryAfterMs = null } = answer;
      const details: ProviderAnswer[] = [{ provider: host, reason, retryable, retryAfterMs }];
      throw ApplicationFailure.create({ type, message: `${host}: ${reason}`, nonRetryable: true, details });
    },
  };
}

/** Where whoever looks at a ticket finds it. */
function objectOf(workflowId: string): string {
  const ofTickets = ticketWorkflowId('');
  return workflowId.startsWith(ofTickets) ? `ticket/${workflowId.slice(ofTickets.length)}` : `workflow/${workflowId}`;
}

/** Until the Task's time is over, in ms. */
function timeLeft(): number | undefined {
  const { scheduleToCloseTimeoutMs, scheduledTimestampMs } = activityInfo();
  return scheduleToCloseTimeoutMs ? scheduledTimestampMs + scheduleToCloseTimeoutMs - Date.now() : undefined;
}
