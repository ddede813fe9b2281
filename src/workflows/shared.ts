/**
 * What all workflows of a worker share: loaded once into its sandbox, before any of them, and frozen (`preloadModules`). Only what decides and
 * holds nothing of a ticket may stand here; what its own modules remember are answers that are the same for everybody. A workflow that is kept
 * at hand takes less than half of the memory for it, and one that is replayed need not load it again.
 */
import '../domain/ask-words.ts';
import '../domain/ask.ts';
import '../domain/changes.ts';
import '../domain/delivery.ts';
import '../domain/enrich.ts';
import '../domain/erase.ts';
import '../domain/errors.ts';
import '../domain/event-key.ts';
import '../domain/flow-run.ts';
import '../domain/flow-task.ts';
import '../domain/flow-words.ts';
import '../domain/human-task-said.ts';
import '../domain/human-task-words.ts';
import '../domain/human-task.ts';
import '../domain/identity.ts';
import '../domain/incident.ts';
import '../domain/mark.ts';
import '../domain/modules.ts';
import '../domain/names-somebody.ts';
import '../domain/notice.ts';
import '../domain/parked-batch.ts';
import '../domain/path-follow.ts';
import '../domain/path.ts';
import '../domain/route.ts';
import '../domain/said.ts';
import '../domain/sla-row.ts';
import '../domain/sla-words.ts';
import '../domain/sla.ts';
import '../domain/ticket.ts';
import '../domain/webhook.ts';
import '../domain/words.ts';
import '../flow/bind.ts';
import '../flow/cause.ts';
import '../flow/execution.ts';
import '../flow/large.ts';
import '../flow/parse.ts';
import '../flow/passing.ts';
import '../flow/redecide.ts';
import '../flow/run.ts';
import '../flow/token.ts';
