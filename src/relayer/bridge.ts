import type { Logger } from 'pino';
import type { EthereumChain } from '../chains/ethereum/ethereum-chain.ts';
import type { BridgedChain, ChainSigner } from '../chains/shared/bridged-chain.ts';
import type { PolkadotChain } from '../chains/substrate/substrate-chain.ts';
import type { EnclaveClient } from '../enclave-client/enclave-client.ts';
import type { Hex } from '../shared/bytes.ts';
import type { Clock } from '../shared/clock.ts';
import { BridgeError } from '../shared/errors.ts';
import type { Database } from './journal/database.ts';
import type { Serial } from './serial.ts';

/** One chain with what stands on it for this bridge. */
export interface Side<C extends BridgedChain = BridgedChain> {
  readonly chain: C;
  readonly gateway: Hex;
  readonly signer: ChainSigner;
  /** Block in which the gateway was deployed. */
  readonly fromBlock: number;
  /** Everything whose logs are recorded. */
  readonly contracts: readonly Hex[];
  /** Submissions of the signer, one at a time. */
  readonly submitting: Serial;
  /** Changes of the journal's view of this chain, one at a time. */
  readonly recording: Serial;
}

/** An enclave and what must not run on it at the same time. */
export interface EnclaveLine {
  readonly client: EnclaveClient;
  /** Sequences of commands whose later ones build on the earlier. */
  readonly commanding: Serial;
}

/** All that the lanes work with. */
export interface Bridge {
  readonly ethereum: Side<EthereumChain>;
  readonly polkadot: Side<PolkadotChain> & { readonly anchor: Hex };
  /** The first leads: its state decides what is proposed. */
  readonly enclaves: readonly [EnclaveLine, ...EnclaveLine[]];
  readonly database: Database;
  readonly beneficiary: Hex;
  readonly pollMs: number;
  readonly log: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Both sides. */
export function sidesOf({ ethereum, polkadot }: Bridge): readonly [Side, Side] {
  return [ethereum, polkadot];
}

/** The side with this chain id. @throws {RelayerError} RELAYER_CHAIN_UNKNOWN */
export function sideOf(bridge: Bridge, chainId: bigint): Side {
  const side = sidesOf(bridge).find(({ chain }) => chain.chainId === chainId);
  if (side !== undefined) return side;
  throw new RelayerError('RELAYER_CHAIN_UNKNOWN', `no chain ${chainId} is configured`);
}

/** What every enclave answers; those that fail are left out unless all do. */
export async function askEveryone<T>(
  bridge: Bridge,
  question: (line: EnclaveLine) => Promise<T>,
): Promise<T[]> {
  const settled = await Promise.allSettled(bridge.enclaves.map(question));
  const answers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const [refusal] = settled.filter((one) => one.status === 'rejected');
  if (answers.length === 0 && refusal !== undefined) throw refusal.reason;
  for (const one of settled) {
    if (one.status === 'rejected') bridge.log.warn({ err: one.reason }, 'an enclave failed');
  }
  return answers;
}

const DISPOSITIONS = {
  RELAYER_CHAIN_UNKNOWN: 'reject',
  RELAYER_STATE_DIVERGED: 'halt',
  RELAYER_BACKLOG_TOO_LONG: 'halt',
  RELAYER_COMMIT_UNSEEN: 'retry',
  RELAYER_STOPPING: 'retry',
} as const;

export type RelayerErrorCode = keyof typeof DISPOSITIONS;

/** A lane cannot go on. */
export class RelayerError extends BridgeError<{ what: string }> {
  readonly code: RelayerErrorCode;
  readonly disposition: (typeof DISPOSITIONS)[RelayerErrorCode];
  constructor(code: RelayerErrorCode, what: string) {
    super(`Relayer: ${what}.`, { what });
    this.code = code;
    this.disposition = DISPOSITIONS[code];
  }
}
