/** The names that AWS documents, written down by hand: what our own lists lack, or have too much of, is found by them. */

/** 39 comparisons of a Choice rule. */
export const COMPARISONS = [
  ...['BooleanEquals', 'BooleanEqualsPath'],
  ...['IsBoolean', 'IsNull', 'IsNumeric', 'IsPresent', 'IsString', 'IsTimestamp'],
  ...['NumericEquals', 'NumericEqualsPath', 'NumericGreaterThan', 'NumericGreaterThanPath'],
  ...['NumericGreaterThanEquals', 'NumericGreaterThanEqualsPath', 'NumericLessThan', 'NumericLessThanPath'],
  ...['NumericLessThanEquals', 'NumericLessThanEqualsPath'],
  ...['StringEquals', 'StringEqualsPath', 'StringGreaterThan', 'StringGreaterThanPath'],
  ...['StringGreaterThanEquals', 'StringGreaterThanEqualsPath', 'StringLessThan', 'StringLessThanPath'],
  ...['StringLessThanEquals', 'StringLessThanEqualsPath', 'StringMatches'],
  ...['TimestampEquals', 'TimestampEqualsPath', 'TimestampGreaterThan', 'TimestampGreaterThanPath'],
  ...['TimestampGreaterThanEquals', 'TimestampGreaterThanEqualsPath', 'TimestampLessThan', 'TimestampLessThanPath'],
  ...['TimestampLessThanEquals', 'TimestampLessThanEqualsPath'],
];

export const COMBINERS = ['And', 'Not', 'Or'];

export const INTRINSIC_NAMES = [
  ...['Array', 'ArrayContains', 'ArrayGetItem', 'ArrayLength', 'ArrayPartition', 'ArrayRange', 'ArrayUnique'],
  ...['Base64Decode', 'Base64Encode', 'Format', 'Hash', 'JsonMerge', 'JsonToString', 'MathAdd', 'MathRandom'],
  ...['StringSplit', 'StringToJson', 'UUID'],
];

/** `States.Http.StatusCode` stands for one of each status. */
export const ERROR_NAMES = [
  ...['ALL', 'BranchFailed', 'DataLimitExceeded', 'ExceedToleratedFailureThreshold', 'HeartbeatTimeout'],
  ...['Http.Socket', 'Http.StatusCode', 'IntrinsicFailure', 'ItemReaderFailed', 'NoChoiceMatched'],
  ...['ParameterPathFailure', 'Permissions', 'QueryEvaluationError', 'ResultPathMatchFailure'],
  ...['ResultWriterFailed', 'Runtime', 'TaskFailed', 'Timeout'],
];

/** Those that are here. What AWS has beside them is in docs/flows.md. */
export const CONTEXT = [
  ...['Execution.Id', 'Execution.Input', 'Execution.Name', 'Execution.StartTime'],
  ...['State.EnteredTime', 'State.Name', 'State.RetryCount', 'StateMachine.Id', 'StateMachine.Name'],
  ...['Task.Token', 'Map.Item.Index', 'Map.Item.Source', 'Map.Item.Value'],
];

/** The functions of JSONata 2.0, without `$eval`, which AWS has not; then those that AWS adds. */
export const JSONATA_FUNCTIONS = [
  ...['string', 'length', 'substring', 'substringBefore', 'substringAfter', 'uppercase', 'lowercase', 'trim', 'pad'],
  ...['contains', 'split', 'join', 'match', 'replace', 'base64encode', 'base64decode', 'encodeUrlComponent'],
  ...['encodeUrl', 'decodeUrlComponent', 'decodeUrl'],
  ...['number', 'abs', 'floor', 'ceil', 'round', 'power', 'sqrt', 'formatNumber', 'formatBase', 'formatInteger'],
  ...['parseInteger', 'sum', 'max', 'min', 'average', 'boolean', 'not', 'exists'],
  ...['count', 'append', 'sort', 'reverse', 'shuffle', 'distinct', 'zip'],
  ...['keys', 'lookup', 'spread', 'merge', 'sift', 'each', 'error', 'assert', 'type', 'clone'],
  ...['now', 'millis', 'fromMillis', 'toMillis', 'map', 'filter', 'single', 'reduce'],
  ...['partition', 'range', 'hash', 'random', 'uuid', 'parse'],
];
