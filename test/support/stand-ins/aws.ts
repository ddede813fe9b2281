import { type ComprehendSide, createComprehendSide } from './comprehend.ts';
import { type Asked, json, retryHeader, type StandIn, startStandIn } from './server.ts';
import { createSesSide, type SesSide, sesError } from './ses.ts';

export interface AwsStandIn extends StandIn, ComprehendSide, SesSide {
  /** What the clients are made with, beside their own settings. */
  readonly settings: {
    readonly region: string;
    readonly endpoint: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
}

const TARGET = 'Comprehend_20171127.';

/** Comprehend (JSON 1.1) and SES (query in, XML out) behind one address, as their clients speak to them. */
export async function startAws(): Promise<AwsStandIn> {
  const comprehend = createComprehendSide();
  const ses = createSesSide();

  const server = await startStandIn({
    action: ({ headers, body }) =>
      String(headers['x-amz-target'] ?? '').replace(TARGET, '') || (new URLSearchParams(body).get('Action') ?? ''),
    work(asked) {
      const toComprehend = isComprehend(asked);
      if (!signedFor(asked, toComprehend ? 'comprehend' : 'ses')) {
        const code = toComprehend ? 'MissingAuthenticationTokenException' : 'MissingAuthenticationToken';
        return toComprehend ? json(400, { __type: code, message: 'not signed' }) : sesError(403, code, 'not signed');
      }
      return toComprehend ? comprehend.work(asked) : ses.work(asked);
    },
    // AWS throttles with 400, not 429.
    refuse: (failure, retryAfter, asked) => {
      const [status, code] =
        failure === '429' ? ([400, 'ThrottlingException'] as const) : ([500, 'InternalFailure'] as const);
      const message = failure === '429' ? 'Maximum sending rate exceeded.' : 'Internal failure';
      const answer = isComprehend(asked) ? json(status, { __type: code, message }) : sesError(status, code, message);
      return { ...answer, headers: { ...answer.headers, ...retryHeader(retryAfter) } };
    },
  });

  const { work: _c, ...comprehendSide } = comprehend;
  const { work: _s, ...sesSide } = ses;
  return Object.assign(server, comprehendSide, sesSide, {
    settings: {
      region: 'eu-west-1',
      endpoint: server.url,
      credentials: { accessKeyId: 'AKIDSTANDIN', secretAccessKey: 'stand-in' },
    },
  });
}

function isComprehend({ headers }: Asked): boolean {
  return headers['x-amz-target'] !== undefined;
}

function signedFor({ headers }: Asked, service: string): boolean {
  const signature = String(headers.authorization ?? '');
  return signature.startsWith('AWS4-HMAC-SHA256 ') && signature.includes(`/${service}/aws4_request`);
}
