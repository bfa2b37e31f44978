/** What the exit code of `veilspan` says. Documented in docs/cli.md; scripts may rely on it. */
export const EXIT = {
  /** Done as asked. */
  ok: 0,
  /** Something failed that the program has no better word for. */
  failed: 1,
  /** The command line, a configuration file or an environment variable is not valid. */
  usage: 2,
  /** The evidence does not prove what it claims. */
  refused: 3,
  /** The transfer is not known on these chains, or the journal has nothing by this name. */
  notFound: 4,
  /** A balance is not what the protocol says it must be. */
  imbalance: 5,
  /** A chain, an enclave or a database could not be reached, or had no room. */
  unreachable: 6,
  /** To go on would be unsafe, or do harm: nothing is to be started again before somebody has looked. */
  halted: 7,
  /** Another process has the folder, or listens at the address. */
  inUse: 8,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Codes of errors that are no plain failure. Others that begin with CONFIG_ are {@link EXIT}.usage. */
const EXIT_OF: Readonly<Record<string, ExitCode>> = {
  ENCLAVE_CONFIG_INVALID: EXIT.usage,
  SUBJECT_UNKNOWN: EXIT.notFound,
  CHAIN_KIND_UNKNOWN: EXIT.usage,
  CHAIN_MISMATCH: EXIT.usage,
  CHAIN_SIGNER_INVALID: EXIT.usage,
  JOURNAL_FOREIGN: EXIT.usage,
  FOLDER_UNUSABLE: EXIT.usage,
  ENCLAVE_ADDRESS_UNUSABLE: EXIT.usage,
  CHAIN_UNAVAILABLE: EXIT.unreachable,
  CHAIN_TIMEOUT: EXIT.unreachable,
  ENCLAVE_UNREACHABLE: EXIT.unreachable,
  STATUS_API_UNREACHABLE: EXIT.unreachable,
  JOURNAL_UNREACHABLE: EXIT.unreachable,
  JOURNAL_STATEMENT_FAILED: EXIT.unreachable,
  QUEUE_UNREACHABLE: EXIT.unreachable,
  JOURNAL_FULL: EXIT.unreachable,
  JOURNAL_UNMADE: EXIT.unreachable,
  JOURNAL_UNWRITABLE: EXIT.usage,
  JOURNAL_OLDER: EXIT.usage,
  JOURNAL_NEWER: EXIT.halted,
  JOURNAL_CORRUPT: EXIT.halted,
  JOURNAL_DAMAGED: EXIT.halted,
  RELAYER_HALTED: EXIT.halted,
  ENCLAVE_START_REFUSED: EXIT.halted,
  ENCLAVE_CONFIG_DIFFERS: EXIT.halted,
  CONFIG_JOURNAL_BUSY: EXIT.inUse,
  FOLDER_LOCKED: EXIT.inUse,
  ENCLAVE_ADDRESS_IN_USE: EXIT.inUse,
  STATUS_ADDRESS_UNUSABLE: EXIT.inUse,
};

/** The exit code of a command that ends with this error's code. */
export function exitCodeOf(errorCode: string): ExitCode {
  const isConfig = errorCode.startsWith('CONFIG_');
  return EXIT_OF[errorCode] ?? (isConfig ? EXIT.usage : EXIT.failed);
}
