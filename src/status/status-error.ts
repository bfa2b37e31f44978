import { BridgeError, type Disposition } from '../shared/errors.ts';

const DISPOSITIONS = {
  STATUS_NOT_FOUND: 'reject',
  STATUS_REQUEST_INVALID: 'reject',
  STATUS_TOO_MANY_REQUESTS: 'retry',
  STATUS_BUSY: 'retry',
  STATUS_LATE: 'retry',
  STATUS_UNAVAILABLE: 'retry',
  STATUS_UNEXPECTED: 'retry',
  STATUS_ADDRESS_UNUSABLE: 'halt',
} as const satisfies Record<string, Disposition>;

export type StatusErrorCode = keyof typeof DISPOSITIONS;

/** What a request is answered with if not with what it asks for. */
export class StatusError extends BridgeError<{ what: string }> {
  readonly code: StatusErrorCode;
  readonly disposition: Disposition;
  constructor(code: StatusErrorCode, what: string, options?: { cause?: unknown }) {
    super(`Status: ${what}.`, { what }, options);
    this.code = code;
    this.disposition = DISPOSITIONS[code];
  }
}

const HTTP_STATUS: Readonly<Record<StatusErrorCode, number>> = {
  STATUS_NOT_FOUND: 404,
  STATUS_REQUEST_INVALID: 400,
  STATUS_TOO_MANY_REQUESTS: 429,
  STATUS_BUSY: 503,
  STATUS_LATE: 503,
  STATUS_UNAVAILABLE: 503,
  STATUS_UNEXPECTED: 500,
  STATUS_ADDRESS_UNUSABLE: 500,
};

/** The HTTP status that goes with an error. */
export function httpStatusOf({ code }: StatusError): number {
  return HTTP_STATUS[code];
}

/**
 * What an error becomes in an answer.
 *
 * SECURITY: an error that nobody foresaw may quote what was asked or what a database holds; of it nothing goes out but that it happened.
 */
export function toStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  if (codeOf(error) === 'FST_ERR_HANDLER_TIMEOUT') {
    return new StatusError('STATUS_LATE', 'the answer took too long; try again');
  }
  if (isRefusedByServer(error)) return new StatusError('STATUS_REQUEST_INVALID', refusalOf(error));
  if (error instanceof BridgeError) {
    const what = `what it is read from does not answer (${error.code})`;
    return new StatusError('STATUS_UNAVAILABLE', what, { cause: error });
  }
  return new StatusError('STATUS_UNEXPECTED', 'it failed in a way that nobody foresaw', {
    cause: error,
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

interface RefusedByServer {
  readonly statusCode: number;
  readonly code?: string;
  readonly validationContext?: string;
  readonly validation?: readonly { readonly instancePath: string; readonly message?: string }[];
}

/** The server's own refusals have a status below 500. */
function isRefusedByServer(error: unknown): error is RefusedByServer {
  return (
    error instanceof Error &&
    'statusCode' in error &&
    typeof error.statusCode === 'number' &&
    error.statusCode < 500
  );
}

function refusalOf({ validation, validationContext = 'request', code }: RefusedByServer): string {
  const [first] = validation ?? [];
  if (first !== undefined) return `${validationContext}${first.instancePath} ${first.message}`;
  return `the request is refused (${code ?? 'no code'})`;
}
