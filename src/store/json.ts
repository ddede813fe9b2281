/**
 * JSON that PostgreSQL takes. It knows neither NUL nor half of a surrogate pair, and a write that it refuses is repeated without
 * end: whoever sends one must not stop a ticket by it.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replace(/\\\\|\\u(?:0000|d[89a-f][0-9a-f]{2})/g, (found) =>
    found === '\\\\' ? found : '\\ufffd',
  );
}
