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
  /** The transfer is not known on these chains. */
  notFound: 4,
  /** A balance is not what the protocol says it must be. */
  imbalance: 5,
  /** A chain, an enclave or a database could not be reached. */
  unreachable: 6,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
