import type { AssetId } from '../protocol/asset.ts';
import type { Commit } from '../protocol/commit.ts';
import { appendMessage, type Message } from '../protocol/message.ts';
import type { Release, ReleaseBatch } from '../protocol/release.ts';
import type { Hex } from '../shared/bytes.ts';
import { buildBatches } from './batches.ts';
import { beneficiaryAddress } from './beneficiary.ts';
import { beneficiaryReleases, poolFee } from './fees.ts';
import { LedgerError } from './ledger-error.ts';
import { type OpenedMessage, settleMessage, ZERO_ADDRESS } from './settle.ts';
import { shuffle, shuffleKey } from './shuffle.ts';
import type { LedgerChain, LedgerState } from './state.ts';
import { blindingOf, stateId } from './state-id.ts';
import {
  AMOUNT_LIMIT,
  bookDeposit,
  bookPayout,
  closeBook,
  openBook,
  type SupplyBook,
} from './supply.ts';

// SPEC: docs/wire-formats.md. A pure function of state, messages, beneficiary and secret: every enclave computes the same.

/** What a transition consumes, and for whom. */
export interface TransitionInput {
  /** In chain then index order, from the first that the state has not consumed. Proven by the caller. */
  readonly messages: readonly OpenedMessage[];
  /** Who pays for the commit and gets its share of the fees, 32 bytes: see {@link beneficiaryAddress}. */
  readonly beneficiary: Hex;
  /** 32 bytes; blinds the state id, orders the releases. */
  readonly ledgerSecret: Uint8Array;
}

/** One step of the ledger. Of it only the commit may be shown before the commit is final. */
export interface Transition {
  readonly commit: Commit;
  /** The state whose id is `commit.postState`. */
  readonly state: LedgerState;
  /** By ascending chain id, then in the gateway's order. */
  readonly batches: readonly ReleaseBatch[];
}

/** What one chain is to pay, while a transition is computed; changed in place. */
interface ChainDue {
  readonly releases: Release[];
  readonly fees: Map<AssetId, bigint>;
}

/**
 * Consumes messages and produces the releases that follow from them.
 *
 * @throws {LedgerError} LEDGER_MESSAGE_FOREIGN, LEDGER_MESSAGE_OUT_OF_ORDER, LEDGER_MESSAGE_IMPOSSIBLE,
 *   LEDGER_SUPPLY_BROKEN: none of them can follow from what gateways accept
 * @throws {BeneficiaryError} the beneficiary cannot be paid
 */
export function transition(
  state: LedgerState,
  { messages, beneficiary, ledgerSecret }: TransitionInput,
): Transition {
  const number = state.number + 1n;
  const recipient = beneficiaryAddress(beneficiary, state.chains);
  const consumed = consume(state.chains, messages);
  const { dues, supply } = settleAll(state, messages);
  const batches: ReleaseBatch[] = [];
  const chains = consumed.map((chain) => {
    const { releases, fees } = dueOf(dues, chain.chainId);
    const context = { ledgerSecret, number, chainId: chain.chainId, recipient };
    const all = [...releases, ...beneficiaryReleases(fees, context)];
    const ordered = shuffle(all, shuffleKey(ledgerSecret, number, chain.chainId));
    const built = buildBatches(chain, ordered, fees);
    batches.push(...built.batches);
    return { ...chain, released: built.position };
  });
  const next = { number, chains, supply: closeBook(supply) };
  const commit = {
    number,
    round: 0n,
    asOf: 0n,
    prevState: stateId(state, blindingOf(ledgerSecret, state.number)),
    postState: stateId(next, blindingOf(ledgerSecret, number)),
    inputs: chains.map(({ chainId, inbox }) => ({ chainId, count: inbox.count })),
    control: 0n,
    paid: [],
    beneficiary,
  };
  return { commit, state: next, batches };
}

/** The chains with their inboxes moved over the messages, each of which must be the next of its chain. */
function consume(
  chains: readonly LedgerChain[],
  messages: readonly OpenedMessage[],
): LedgerChain[] {
  const moved = new Map(chains.map((chain) => [chain.chainId, chain]));
  let lastChainId = 0n;
  for (const { message } of messages) {
    const chain = requireOwn(moved.get(message.chainId), message);
    const isNext = message.index === chain.inbox.count && message.chainId >= lastChainId;
    if (!isNext) throw outOfOrder(chain, message);
    requirePossible(message);
    moved.set(message.chainId, { ...chain, inbox: appendMessage(chain.inbox, message) });
    lastChainId = message.chainId;
  }
  return [...moved.values()];
}

function settleAll(
  { chains, supply }: LedgerState,
  messages: readonly OpenedMessage[],
): { readonly dues: ReadonlyMap<bigint, ChainDue>; readonly supply: SupplyBook } {
  const gateways = new Map(chains.map(({ chainId, gateway }) => [chainId, gateway]));
  const dues = new Map<bigint, ChainDue>();
  const book = openBook(supply);
  for (const opened of messages) {
    const { asset, amount, chainId, fee } = opened.message;
    const settlement = settleMessage(opened, gateways);
    const due = dueOf(dues, settlement.chainId);
    dues.set(settlement.chainId, due);
    due.releases.push(...settlement.releases);
    poolFee(due.fees, { asset, amount: fee });
    // Counted from the releases themselves, so that the books show it if they were not what came in.
    const paid = settlement.releases.reduce((sum, release) => sum + release.amount, fee);
    bookDeposit(book, { chainId, asset, amount });
    bookPayout(book, { chainId: settlement.chainId, asset, amount: paid });
  }
  return { dues, supply: book };
}

function dueOf(dues: ReadonlyMap<bigint, ChainDue>, chainId: bigint): ChainDue {
  return dues.get(chainId) ?? { releases: [], fees: new Map() };
}

function requireOwn(chain: LedgerChain | undefined, message: Message): LedgerChain {
  if (chain?.gateway === message.gateway) return chain;
  const { chainId, gateway, index } = message;
  throw new LedgerError('LEDGER_MESSAGE_FOREIGN', 'a message of one of its gateways', {
    chainId,
    gateway,
    index,
  });
}

function requirePossible({ chainId, index, amount, fee, refundTo, gateway }: Message): void {
  const isPayable = fee >= 0n && fee < amount && amount < AMOUNT_LIMIT;
  const isRefundable = refundTo !== ZERO_ADDRESS && refundTo !== gateway;
  if (isPayable && isRefundable) return;
  throw new LedgerError(
    'LEDGER_MESSAGE_IMPOSSIBLE',
    'a fee below an amount below 2^128, and a refund to somebody',
    { chainId, index, amount, fee, refundTo },
  );
}

function outOfOrder({ inbox }: LedgerChain, { chainId, index }: Message): LedgerError {
  return new LedgerError('LEDGER_MESSAGE_OUT_OF_ORDER', 'messages in chain then index order', {
    chainId,
    index,
    next: inbox.count,
  });
}
