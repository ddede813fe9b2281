/** The language's own error names (Amazon States Language, appendix A), as far as the interpreter itself raises or treats them. */
export const RUNTIME = 'States.Runtime';
export const TIMEOUT = 'States.Timeout';
export const TASK_FAILED = 'States.TaskFailed';
export const ALL = 'States.ALL';
export const DATA_LIMIT_EXCEEDED = 'States.DataLimitExceeded';
export const PARAMETER_PATH_FAILURE = 'States.ParameterPathFailure';
export const RESULT_PATH_MATCH_FAILURE = 'States.ResultPathMatchFailure';
export const NO_CHOICE_MATCHED = 'States.NoChoiceMatched';
export const EXCEED_TOLERATED_FAILURE_THRESHOLD = 'States.ExceedToleratedFailureThreshold';
export const HEARTBEAT_TIMEOUT = 'States.HeartbeatTimeout';
export const QUERY_EVALUATION_ERROR = 'States.QueryEvaluationError';
export const INTRINSIC_FAILURE = 'States.IntrinsicFailure';

/** Every name that AWS documents; another `States.` name in an ErrorEquals is a typing mistake. */
export const RESERVED_ERRORS: readonly string[] = [
  ALL,
  RUNTIME,
  TIMEOUT,
  TASK_FAILED,
  DATA_LIMIT_EXCEEDED,
  PARAMETER_PATH_FAILURE,
  RESULT_PATH_MATCH_FAILURE,
  NO_CHOICE_MATCHED,
  'States.BranchFailed',
  EXCEED_TOLERATED_FAILURE_THRESHOLD,
  HEARTBEAT_TIMEOUT,
  'States.Http.Socket',
  INTRINSIC_FAILURE,
  'States.ItemReaderFailed',
  'States.Permissions',
  QUERY_EVALUATION_ERROR,
  'States.ResultWriterFailed',
];

/** As AWS names what a request was answered with. */
const HTTP_STATUS = /^States\.Http\.StatusCode\.\d{3}$/;

export function isReserved(name: string): boolean {
  return RESERVED_ERRORS.includes(name) || HTTP_STATUS.test(name);
}

/** A state failed while its data was worked on. The message is the Cause; it names paths, never values, since it ends up in logs. */
export class FlowFailure extends Error {
  readonly error: string;

  constructor(error: string, cause: string) {
    super(cause);
    this.name = 'FlowFailure';
    this.error = error;
  }
}
