import { genesisState } from '../../src/ledger/genesis.ts';
import type { LedgerRules } from '../../src/ledger/rules.ts';
import type { Account, LedgerAsset, LedgerChain, LedgerState } from '../../src/ledger/state.ts';
import { type OpenedMessage, type Transition, transition } from '../../src/ledger/transition.ts';
import { type AccountOwner, accountId } from '../../src/protocol/account.ts';
import { type AssetId, assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import type { Cursor } from '../../src/protocol/commit.ts';
import {
  type ControlContent,
  type ControlMessage,
  encodeControl,
} from '../../src/protocol/control.ts';
import type { OpenedEnvelope } from '../../src/protocol/envelope.ts';
import type { Message } from '../../src/protocol/message.ts';
import type { DepositOrder, Leg, PostedOrder } from '../../src/protocol/order.ts';
import type { Release } from '../../src/protocol/release.ts';
import { roundCutSec, roundEndSec } from '../../src/protocol/rounds.ts';
import type { Hex } from '../../src/shared/bytes.ts';

/** An address of one repeated byte. */
export function addressOf(byte: number): Hex {
  return `0x${byte.toString(16).padStart(2, '0').repeat(20)}`;
}

/** 32 bytes of one repeated byte. */
export function wordOf(byte: number): Hex {
  return `0x${byte.toString(16).padStart(2, '0').repeat(32)}`;
}

/** An address as an order's recipient. */
export function padded(address: Hex): Hex {
  return `0x${'00'.repeat(12)}${address.slice(2)}`;
}

export const ZERO = addressOf(0);
export const WEST = 100n;
export const EAST = 200n;
export const NORTH = 300n;
export const GATEWAYS = new Map([
  [WEST, addressOf(0xa1)],
  [EAST, addressOf(0xa2)],
  [NORTH, addressOf(0xa3)],
]);
export const WEST_COIN = assetId(WEST, NATIVE_TOKEN);
export const EAST_COIN = assetId(EAST, NATIVE_TOKEN);
export const SENDER = addressOf(0x51);
export const RECIPIENT = addressOf(0x52);
/** Where the usual sender wants refunds. */
export const REFUND_TO = addressOf(0x53);
export const HOUSE = wordOf(0xa0);
/** Not open. */
export const BENEFICIARY_ACCOUNT = wordOf(0xbe);
export const LEDGER_SECRET = new Uint8Array(32).fill(0x77);

/** Rounds of 100 seconds from 1,000,000 on. */
export const RULES: LedgerRules = {
  schedule: { startSec: 1_000_000n, roundSec: 100n },
  chains: [
    { chainId: WEST, gateway: addressOf(0xa1), lagSec: 50n },
    { chainId: EAST, gateway: addressOf(0xa2), lagSec: 20n },
    { chainId: NORTH, gateway: addressOf(0xa3), lagSec: 30n },
  ],
  anchor: { chainId: EAST, address: addressOf(0xac) },
  lateSec: 10_000n,
  graceSec: 60n,
  pools: { leastRoots: 2, meanStayRounds: 1 },
  houseAccount: HOUSE,
  firstEpoch: 1n,
};

export const GENESIS = genesisState(RULES);

/** What {@link openWorld} registers the western coin with; its rate is 2 everywhere. */
export const TERMS = { poolUnit: 100n, rungs: [0, 1, 3], entryFee: 5n, leastBalance: 10n };
export const RATE = 2n;
export const REWARD = 3n;

/** The first message of the western gateway: 1000 of its coin, 10 of them the fee. */
export function messageOf(change: Partial<Message> = {}): Message {
  const chainId = change.chainId ?? WEST;
  return {
    chainId,
    gateway: GATEWAYS.get(chainId) ?? ZERO,
    index: 0n,
    sentAtSec: RULES.schedule.startSec,
    sender: SENDER,
    refundTo: REFUND_TO,
    asset: WEST_COIN,
    amount: 1_000n,
    fee: 10n,
    destination: EAST,
    envelope: Uint8Array.of(0),
    ...change,
  };
}

/** An owner whom nobody else is. */
export function ownerOf(byte: number): AccountOwner {
  return { scheme: 'ed25519', publicKey: wordOf(byte), index: 0 };
}

/** The account of {@link ownerOf}. */
export function accountOf(byte: number): Hex {
  return accountId(ownerOf(byte));
}

export const transparent: OpenedEnvelope = { kind: 'transparent', recipient: RECIPIENT };
export const unopened: OpenedEnvelope = { kind: 'unopened', reason: 'undecryptable' };

const WAIT = {
  notBefore: 0n,
  patience: 1_000n,
  afterPatience: 'return',
  tagSecret: new Uint8Array(32).fill(0x5e),
  memo: new Uint8Array(0),
} as const;

let encCount = 0;

/** An opened sealed envelope, no two with the same `enc`: all stays in account 1. */
export function sealedOrder(
  change: Partial<DepositOrder> = {},
  under: { readonly epoch?: bigint; readonly enc?: Hex } = {},
): OpenedEnvelope {
  encCount += 1;
  const enc: Hex = `0x${encCount.toString(16).padStart(64, '0')}`;
  const order = { ...WAIT, account: accountOf(1), legs: [], ...change };
  return { kind: 'sealed', epoch: 1n, enc, ...under, order };
}

/** An opened post by owner 1, the next nonce being 0: nothing to do but the poster's reward. */
export function postedOrder(change: Partial<PostedOrder> = {}, epoch = 1n): OpenedEnvelope {
  const order: PostedOrder = {
    ...WAIT,
    owner: ownerOf(1),
    legs: [],
    nonce: 0n,
    asset: WEST_COIN,
    expiry: 100n,
    maxFee: 1_000n,
    posterAccount: HOUSE,
    ...change,
  };
  return { kind: 'post', epoch, order };
}

/** A leg of 100 of the western coin to the recipient in the east. */
export function legOf(change: Partial<Leg> = {}): Leg {
  return {
    mode: 'pooled',
    chainId: EAST,
    recipient: padded(RECIPIENT),
    amount: 100n,
    crowd: 1,
    ...change,
  };
}

/** How a world is advanced, beside the usual. */
export interface Advance {
  /** Rounds at once; 1 unless said. */
  readonly rounds?: bigint;
  readonly asOf?: bigint;
  readonly beneficiary?: Hex;
  readonly paid?: readonly Cursor[];
  /** Counts of control messages; all unless said. */
  readonly control?: bigint;
  /** When chains were proven; just past the last round's cut unless said. */
  readonly provenAtSec?: ReadonlyMap<bigint, bigint>;
  /** When the anchor's outbox was. */
  readonly controlProvenAtSec?: bigint;
}

/** A ledger with outboxes to speak into. */
export interface LedgerWorld {
  state(): LedgerState;
  /** Appends a message; sent at the last second that the next round takes unless said. */
  send(envelope: OpenedEnvelope, change?: Partial<Message>): Message;
  /** Appends an order that brings nothing, for 7 of the western coin. */
  post(envelope: OpenedEnvelope, change?: Partial<Message>): Message;
  /** Appends a control message; sent at the last second that the next round takes unless said. */
  govern(content: ControlContent, change?: Partial<ControlMessage>): void;
  /** What `advance` would be given. */
  input(how?: Advance): Parameters<typeof transition>[1];
  /** One transition; the world is as it was if it is refused. */
  advance(how?: Advance): Transition;
  account(account: Hex): Account | undefined;
  balance(account: Hex, asset?: AssetId): bigint;
  chain(chainId: bigint): LedgerChain;
  asset(asset: AssetId): LedgerAsset | undefined;
}

/** A world of nothing but chains. */
export function createWorld(rules: LedgerRules = RULES, start?: LedgerState): LedgerWorld {
  let state = start ?? genesisState(rules);
  const outboxes = new Map<bigint, OpenedMessage[]>(
    rules.chains.map(({ chainId }) => [chainId, []]),
  );
  const governance: ControlMessage[] = [];
  const cutOf = (chainId: bigint, round: bigint) => {
    const lagSec = rules.chains.find((chain) => chain.chainId === chainId)?.lagSec ?? 0n;
    return roundCutSec(rules.schedule, lagSec, round);
  };
  const world: LedgerWorld = {
    state: () => state,
    send(envelope, change = {}) {
      const chainId = change.chainId ?? WEST;
      const outbox = outboxes.get(chainId) ?? [];
      const index = BigInt(outbox.length);
      const isClear = envelope.kind === 'transparent';
      const message = messageOf({
        index,
        sentAtSec: cutOf(chainId, state.round + 1n),
        destination: isClear ? EAST : 0n,
        envelope: Uint8Array.of(isClear ? 0 : 1),
        ...change,
      });
      outbox.push({ message, envelope });
      return message;
    },
    post(envelope, change = {}) {
      const fee = change.fee ?? 7n;
      return world.send(envelope, { amount: fee, fee, envelope: Uint8Array.of(2), ...change });
    },
    govern(content, change = {}) {
      const index = BigInt(governance.length);
      const sentAtSec = cutOf(rules.anchor.chainId, state.round + 1n);
      governance.push({ ...encodeControl(content), index, round: 0n, sentAtSec, ...change });
    },
    input(how = {}) {
      const round = state.round + (how.rounds ?? 1n);
      const tails = [...outboxes].map(([chainId, outbox]) => {
        const known = state.chains.find((chain) => chain.chainId === chainId);
        const messages = outbox.slice(Number(known?.inbox.count ?? 0n));
        const provenAtSec = how.provenAtSec?.get(chainId) ?? cutOf(chainId, round) + 1n;
        return [chainId, { messages, provenAtSec }] as const;
      });
      return {
        round,
        outboxes: new Map(tails),
        controlOutbox: {
          messages: governance.slice(Number(state.control.count)),
          provenAtSec: how.controlProvenAtSec ?? cutOf(rules.anchor.chainId, round) + 1n,
        },
        control: how.control ?? BigInt(governance.length),
        asOf: how.asOf ?? roundEndSec(rules.schedule, round),
        paid: how.paid ?? [],
        beneficiary: how.beneficiary ?? BENEFICIARY_ACCOUNT,
        secretOf,
        rules,
      };
    },
    advance(how = {}) {
      const done = transition(state, world.input(how));
      state = done.state;
      return done;
    },
    account: (account) => state.accounts.get(account),
    balance: (account, asset = WEST_COIN) =>
      state.accounts.get(account)?.balances.find((held) => held.asset === asset)?.amount ?? 0n,
    chain(chainId) {
      const found = state.chains.find((chain) => chain.chainId === chainId);
      if (found === undefined) throw new Error(`no chain ${chainId}`);
      return found;
    },
    asset: (asset) => state.assets.find((known) => known.asset === asset),
  };
  return world;
}

/** A world in round 1, where the western coin has {@link TERMS}, a rate everywhere and a reward from round 2 on. */
export function openWorld(rules: LedgerRules = RULES): LedgerWorld {
  const world = createWorld(rules);
  world.govern({ kind: 'registerAsset', asset: WEST_COIN, ...TERMS });
  for (const { chainId } of rules.chains) {
    world.govern({ kind: 'setRate', asset: WEST_COIN, chainId, rate: RATE });
  }
  world.govern({ kind: 'setReward', asset: WEST_COIN, reward: REWARD });
  world.advance();
  return world;
}

/** All that a transition releases on a chain, in order. */
export function releasesOn({ batches }: Transition, chainId: bigint): Release[] {
  return batches.filter((batch) => batch.chainId === chainId).flatMap(({ releases }) => releases);
}

/** A secret for every epoch, the same array each time; that of the first is {@link LEDGER_SECRET}. */
export function secretOf(epoch: bigint): Uint8Array {
  const known = SECRETS.get(epoch) ?? new Uint8Array(32).fill(Number(epoch));
  SECRETS.set(epoch, known);
  return known;
}
const SECRETS = new Map([[1n, LEDGER_SECRET]]);
