import { ETHEREUM_REFUSALS } from '../../src/chains/ethereum/pool-refusals.ts';
import {
  type BlockRef,
  ChainError,
  type ChainErrorCode,
  type ContractLog,
} from '../../src/chains/shared/bridged-chain.ts';
import { readRefusal } from '../../src/chains/shared/transaction-refusal.ts';
import { SUBSTRATE_REFUSALS } from '../../src/chains/substrate/pool-refusals.ts';
import { EnclaveUnreachable } from '../../src/enclave-client/enclave-client.ts';
import { JournalError } from '../../src/relayer/journal/statement-errors.ts';
import type { Random } from '../fuzz/random.ts';
import type { Call, Fate, Fates, Peer } from './gate.ts';

// What stands between a relayer and everything it speaks to, at its worst. Each fault is one that a real part has shown, as the adapter
// in front of it tells of it: a deadline that passed, a connection that broke, a node's refusal, an answer that is old or incomplete.

/** How bad it is. */
export interface Badness {
  /** Of a thousand calls, so many have a fate; of those that are seldom made, more. */
  readonly perMille: number;
  /** Whether nodes also tell what is not so. */
  readonly lies: 'none' | 'some';
}

/** Longer than any deadline, and as long as an operator takes to notice. */
const LONG_MS = 40_000;

/** How long whoever asks waits for an answer that never comes. */
const SILENT_MS: Readonly<Record<Peer, number>> = {
  chain: 30_000,
  finality: 30_000,
  enclave: 120_000,
  journal: 20_000,
  queue: 10_000,
};

/** What is asked seldom fares worse: otherwise nothing would ever befall it. */
const SHARES: Readonly<Record<Peer, number>> = {
  chain: 1,
  finality: 1,
  enclave: 1,
  journal: 1,
  queue: 2,
};

/** Decides fates by draws: the same draws give the same fates to the same calls. */
export function createAdversary(random: Random, { perMille, lies }: Badness): Fates {
  return (call) => {
    if (random.below(1000) >= perMille * SHARES[call.peer]) return undefined;
    const kinds: (() => Fate | undefined)[] = [
      () => ({ delayMs: 1 + random.below(3000) }),
      () => ({ delayMs: 1 + random.below(LONG_MS) }),
      () => ({ failsBefore: () => unavailable(call, random) }),
      () => ({ failsAfter: () => late(call), delayMs: random.below(LONG_MS) + 1 }),
      () => ({ failsAfter: () => late(call), silentMs: SILENT_MS[call.peer] }),
      // A statement runs in a session, which knows what it has sent.
      () => (call.peer === 'journal' ? undefined : { isTwice: true }),
      () => (call.peer === 'chain' ? refusalFor(call, random) : undefined),
      () => (call.peer === 'chain' && lies === 'some' ? lieFor(call, random) : undefined),
    ];
    return random.pick(kinds)();
  };
}

/** What nodes answer in the place of an answer, as the adapters in front of them tell of it. */
const NODE_ERRORS: readonly (readonly [ChainErrorCode, string])[] = [
  ['CHAIN_UNAVAILABLE', 'HTTP 503'],
  ['CHAIN_UNAVAILABLE', 'HTTP 429: -32005 daily request count exceeded'],
  ['CHAIN_UNAVAILABLE', '-32000 header not found'],
  ['CHAIN_UNAVAILABLE', '-32000 missing trie node'],
  ['CHAIN_UNAVAILABLE', '4003 Client error: UnknownBlock: State already discarded'],
  ['CHAIN_ANSWER_INCOMPLETE', 'the node has no such block yet'],
  ['CHAIN_ANSWER_MALFORMED', 'an answer of HTML'],
];

const SQL_STATES = ['57P01', '57P03', '53300', '40001', '40P01', '08006'] as const;

function unavailable({ peer, of }: Call, random: Random): Error {
  if (peer === 'enclave') return new EnclaveUnreachable(of, 'the connection was closed');
  if (peer === 'journal')
    return new JournalError({ table: 'any', sqlState: random.pick(SQL_STATES) });
  if (peer === 'queue') return new Error('Connection is closed.');
  const [code, what] = random.pick(NODE_ERRORS);
  return new ChainError(code, { chain: of, what });
}

function late({ peer, of }: Call): Error {
  if (peer === 'enclave') return new EnclaveUnreachable(of, 'no answer in 120000 ms');
  if (peer === 'journal') return new JournalError({ table: 'any', sqlState: 'ETIMEDOUT' });
  if (peer === 'queue') return new Error('Command timed out');
  return new ChainError('CHAIN_TIMEOUT', { chain: of, what: 'no answer in 30000 ms' });
}

const REFUSALS = [
  'nonce too low',
  'replacement transaction underpriced',
  'txpool is full',
  '1010: Invalid Transaction: Transaction is outdated',
  '1012: Transaction is temporarily banned',
  'nonce too high',
  'insufficient funds for gas * price + value',
  '1014: Priority is too low',
  '1016: Immediately Dropped',
  '1010: Invalid Transaction: Transaction has an ancient birth block',
  'words that nobody knows',
] as const;

/** A node says no to what it may have taken. */
function refusalFor({ name, of }: Call, random: Random): Fate | undefined {
  if (name !== 'broadcast') return undefined;
  const said = random.pick(REFUSALS);
  const refusal = readRefusal([...ETHEREUM_REFUSALS, ...SUBSTRATE_REFUSALS], said);
  const meta = { chain: of, what: `the node refused: ${said}`, refusal };
  const refuse = () => new ChainError('CHAIN_TRANSACTION_REFUSED', meta);
  return random.below(2) === 0 ? { failsBefore: refuse } : { failsAfter: refuse };
}

/** A node that is behind, has pruned, or answers from another's state. */
function lieFor({ name }: Call, random: Random): Fate | undefined {
  switch (name) {
    case 'logs':
      return { lie: (answer) => spoilLogs(answer as ContractLog[], random) };
    case 'word':
      return { lie: () => NO_WORD };
    case 'receiptOf':
      return { lie: () => undefined };
    case 'head':
    case 'finalizedHead':
      return { lie: (answer) => lieOfHead(answer as BlockRef, random) };
    case 'nonceOf':
      return { lie: (answer) => Math.max(0, (answer as number) - 1 - random.below(2)) };
    case 'blockTimeSec':
      return { lie: (answer) => (answer as bigint) - BigInt(random.below(20)) };
    default:
      return undefined;
  }
}

/** Older, beyond the chain, or of another fork. */
function lieOfHead({ number, hash }: BlockRef, random: Random): BlockRef {
  const other: BlockRef['hash'] = `0x${random
    .below(2 ** 31)
    .toString(16)
    .padStart(64, '9')}`;
  const heads = [
    { number: Math.max(0, number - 1 - random.below(4)), hash: other },
    { number: number + 1 + random.below(1000), hash: other },
    { number, hash: other },
    { number: number + 1, hash },
  ];
  return random.pick(heads);
}

const NO_WORD = `0x${'00'.repeat(32)}`;

/** Left out, doubled, in another order, or one of another contract among them. */
function spoilLogs(logs: readonly ContractLog[], random: Random): ContractLog[] {
  const at = random.below(Math.max(1, logs.length));
  const one = logs[at];
  if (one === undefined) return [];
  const ways = [
    () => [],
    () => logs.filter((_, i) => i !== at),
    () => [...logs, one],
    () => logs.toReversed(),
    () => [...logs, { ...one, address: `0x${'66'.repeat(20)}` } as const],
  ];
  return random.pick(ways)();
}
