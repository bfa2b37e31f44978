import * as z from 'zod';
import { encodeJson } from '../codec/json.ts';
import { BridgeError } from '../shared/errors.ts';
import {
  COMMANDS,
  type CommandName,
  type CommandParams,
  type CommandResult,
  MAX_FRAME_BYTES,
} from './enclave-commands.ts';

/** A request as the enclave's one decoder lets it in. */
export type Request = {
  [N in CommandName]: {
    readonly id: number;
    readonly command: N;
    readonly params: CommandParams<N>;
  };
}[CommandName];

/** What comes back: a result, or the code and facts of a refusal, never a stack or a secret. */
export type Response =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly error: RemoteError };

const remoteError = z.strictObject({
  code: z.string().max(64),
  disposition: z.enum(['retry', 'reject', 'halt']),
  message: z.string().max(1024),
  meta: z.record(z.string().max(64), z.string().max(1024)),
});
export type RemoteError = z.output<typeof remoteError>;

const id = z.number().int().nonnegative();
const envelopeOfRequest = z.strictObject({
  id,
  command: z.enum(Object.keys(COMMANDS) as [CommandName, ...CommandName[]]),
  params: z.unknown(),
});
const envelopeOfResponse = z.discriminatedUnion('ok', [
  z.strictObject({ id, ok: z.literal(true), result: z.unknown() }),
  z.strictObject({ id, ok: z.literal(false), error: remoteError }),
]);

/** Decodes a request frame's body. @throws {CommandError} not JSON, unknown command, bad parameters */
export function decodeRequest(body: Uint8Array): Request {
  const outer = check(envelopeOfRequest, parseJson(body), 'request');
  const params: unknown = check<z.ZodType>(
    COMMANDS[outer.command].params,
    outer.params,
    outer.command,
  );
  return { id: outer.id, command: outer.command, params } as Request;
}

/** Decodes a response frame's body; its result is still to be read by {@link decodeResult}. */
export function decodeResponse(body: Uint8Array): Response {
  return check(envelopeOfResponse, parseJson(body), 'response') as Response;
}

/** Reads the result of `command`. @throws {CommandError} it has another shape */
export function decodeResult<N extends CommandName>(command: N, result: unknown): CommandResult<N> {
  return check<z.ZodType>(COMMANDS[command].result, result, command) as CommandResult<N>;
}

/** Encodes a request, a response or a part of one: bigint as decimal text, bytes as hex. */
export function encodeBody(value: unknown): Uint8Array {
  return new TextEncoder().encode(encodeJson(value));
}

function parseJson(body: Uint8Array): unknown {
  if (body.length > MAX_FRAME_BYTES) {
    throw new CommandError('frame', `${body.length} bytes, at most ${MAX_FRAME_BYTES}`);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new CommandError('frame', 'not UTF-8 JSON', { cause });
  }
}

function check<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = [where, ...(issue?.path ?? [])].join('.');
  throw new CommandError(path, issue?.message ?? 'invalid');
}

export class CommandError extends BridgeError<{ where: string }> {
  readonly code = 'COMMAND_MALFORMED';
  readonly disposition = 'reject';
  constructor(where: string, what: string, options?: { cause?: unknown }) {
    super(`Malformed enclave command at ${where}: ${what}.`, { where }, options);
  }
}
