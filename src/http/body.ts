/** Reads a request's body up to a limit, whatever its Content-Length claims. */
import { Refusal } from './refusal.ts';

export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  assertSize(request, limit);
  const declared = request.headers.get('content-length');
  if (request.body === null) return new Uint8Array();
  try {
    // A declared length is enforced by the HTTP parser, so the quick way is safe.
    const body =
      declared === null ? await readChunks(request.body, limit) : new Uint8Array(await request.arrayBuffer());
    if (body.byteLength > limit) throw tooLarge(limit);
    return body;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, 'NotReadable', 'The body broke off before its end.', { cause: error });
  }
}

/** @throws Refusal 413 when the request says itself that it is too large */
export function assertSize(request: Request, limit: number): void {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(limit);
}

async function readChunks(stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.byteLength;
    if (size > limit) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge(limit);
    }
    chunks.push(next.value);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

function tooLarge(limit: number): Refusal {
  const size = limit < 1024 * 1024 ? `${limit / 1024} KiB` : `${limit / 1024 / 1024} MiB`;
  return new Refusal(413, 'TooLarge', `The body is larger than ${size}; nothing of it was taken.`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * JSON as RFC 8259 has it: UTF-8, and nothing else. A byte order mark is skipped, as the RFC allows; of a key that stands twice the
 * last one counts. The parser does not recurse, so nesting can't exhaust the stack.
 * @throws Refusal 400 NotJson
 */
export function parseJson(body: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw new Refusal(400, 'NotJson', 'The body is not valid UTF-8; send JSON in UTF-8.');
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text: it stays out of answers and logs.
    throw new Refusal(
      400,
      'NotJson',
      text.trim() === '' ? 'The body is empty; send a JSON document.' : 'The body is not valid JSON.',
    );
  }
}
