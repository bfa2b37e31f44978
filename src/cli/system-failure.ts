import { BridgeError } from '../shared/errors.ts';

/** What the system's own words for a refusal mean to whoever typed the command. */
const WORDS: Readonly<Record<string, string>> = {
  EEXIST: 'it is there already; name another',
  ENOENT: 'it is not there',
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'something in its path is no folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota of this user is used up',
  EROFS: 'the disk can only be read',
  EMFILE: 'this process has too many files open',
  EADDRINUSE: 'another process listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ECONNREFUSED: 'nothing listens there',
};

/** What of an error the system has given: `syscall` and `code`, and what it is about. */
type SystemError = Error & {
  readonly code: string;
  readonly syscall: string;
  readonly path?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
};

/** The system refused something that a command had to do: to write a file, to listen. */
export class SystemFailure extends BridgeError<{ call: string; about: string; what: string }> {
  readonly code = 'CONFIG_SYSTEM_REFUSES';
  readonly disposition = 'reject';
  constructor(cause: SystemError) {
    const { syscall: call, code } = cause;
    const about = subjectOf(cause);
    const what = WORDS[code] ?? code;
    super(
      `The system refuses to ${call}${about && ` ${about}`}: ${what}.`,
      { call, about, what },
      { cause },
    );
  }
}

/** An error of the system as one that a command can end with; undefined of any other. */
export function systemFailureOf(error: unknown): SystemFailure | undefined {
  return isSystemError(error) ? new SystemFailure(error) : undefined;
}

function isSystemError(error: unknown): error is SystemError {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return false;
  return typeof error.code === 'string' && typeof error.syscall === 'string';
}

function subjectOf({ path, address, port }: SystemError): string {
  if (typeof path === 'string') return path;
  return [address, port].filter((part) => part !== undefined).join(':');
}
