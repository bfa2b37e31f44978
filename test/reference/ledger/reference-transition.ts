import { createHmac } from 'node:crypto';
import { AbiCoder, concat, keccak256, TypedDataEncoder, toBeHex, toUtf8Bytes } from 'ethers';
import type { OpenedMessage } from '../../../src/ledger/settle.ts';
import type { LedgerState } from '../../../src/ledger/state.ts';
import type { Transition, TransitionInput } from '../../../src/ledger/transition.ts';
import type { Message } from '../../../src/protocol/message.ts';
import type { Fee, Release, ReleaseBatch } from '../../../src/protocol/release.ts';
import type { Hex } from '../../../src/shared/bytes.ts';

// The slow twin of src/ledger: written from docs/wire-formats.md with ethers' ABI and EIP-712, lists instead of maps,
// and no check of what halts. It shares types with the original and nothing else.

const ZERO = `0x${'00'.repeat(20)}`;
const abi = AbiCoder.defaultAbiCoder();

/** The transition that the documents describe, if nothing in the input is impossible. */
export function referenceTransition(state: LedgerState, input: TransitionInput): Transition {
  const number = state.number + 1n;
  const paying = input.messages.map((opened) => ({ opened, ...outcome(state, opened) }));
  const batches: ReleaseBatch[] = [];
  const chains = state.chains.map((chain) => {
    const due = paying.filter(({ chainId }) => chainId === chain.chainId);
    const releases = due.flatMap((item) => item.releases);
    const place = uint(number, 8) + uint(chain.chainId, 8);
    const pools = poolFees(due.map(({ opened }) => opened.message));
    for (const { asset, amount } of pools) {
      if (amount < 2n) continue;
      const tag = prf(input.ledgerSecret, 'veilspan/fee-tag/v1', place + asset.slice(2));
      const recipient: Hex = `0x${input.beneficiary.slice(26)}`;
      releases.push({ tag, asset, recipient, amount: amount / 2n, refundOf: 0n });
    }
    const key = prf(input.ledgerSecret, 'veilspan/shuffle-key/v1', place);
    const inbox = inboxAfter(chain.inbox, chain.chainId, input);
    const made = cutBatches({ ...chain, inbox }, shuffled(releases, key), pools);
    batches.push(...made);
    return {
      ...chain,
      inbox,
      released: after(chain.released, made),
    };
  });
  const next = { number, chains, supply: supplyAfter(state, paying) };
  return {
    commit: {
      number,
      round: 0n,
      asOf: 0n,
      prevState: idOf(state, input.ledgerSecret),
      postState: idOf(next, input.ledgerSecret),
      inputs: chains.map(({ chainId, inbox }) => ({ chainId, count: inbox.count })),
      control: 0n,
      paid: [],
      beneficiary: input.beneficiary,
    },
    state: next,
    batches,
  };
}

function outcome(
  state: LedgerState,
  { message, envelope }: OpenedMessage,
): { chainId: bigint; releases: Release[] } {
  const { asset, chainId, destination, refundTo } = message;
  const refundOf = message.index + 1n;
  const payer = state.chains.find((chain) => chain.chainId === destination)?.gateway;
  const isSomebody = (address: Hex, gateway: Hex | undefined) =>
    address !== ZERO && address !== gateway;
  const rest = message.amount - message.fee;
  const isKnown = state.chains.some(
    (chain) => chain.chainId === destination && destination !== chainId,
  );
  if (envelope.kind === 'sealed') {
    const { payouts, tagSecret, delaySec, leastAnonymitySet, refundAddress } = envelope.order;
    let left = rest;
    const releases = payouts.map(({ recipient, amount }, i) => {
      const paid = i === payouts.length - 1 ? left : amount;
      left -= amount;
      return { tag: sealedTag(tagSecret, i), asset, recipient, amount: paid, refundOf: 0n };
    });
    const isSound =
      left >= 0n && releases.every((r) => r.amount > 0n && isSomebody(r.recipient, payer));
    if (isKnown && isSound && delaySec === 0 && leastAnonymitySet <= 1) {
      return { chainId: destination, releases };
    }
    const recipient = isSomebody(refundAddress, message.gateway) ? refundAddress : refundTo;
    return {
      chainId,
      releases: [{ tag: sealedTag(tagSecret, 255), asset, recipient, amount: rest, refundOf }],
    };
  }
  if (envelope.kind === 'transparent' && isKnown && isSomebody(envelope.recipient, payer)) {
    const { recipient } = envelope;
    return {
      chainId: destination,
      releases: [{ tag: openTag(message, 0), asset, recipient, amount: rest, refundOf: 0n }],
    };
  }
  return {
    chainId,
    releases: [{ tag: openTag(message, 255), asset, recipient: refundTo, amount: rest, refundOf }],
  };
}

function poolFees(messages: readonly Message[]): Fee[] {
  const assets = [
    ...new Set(messages.filter(({ fee }) => fee > 0n).map(({ asset }) => asset)),
  ].sort();
  return assets.map((asset) => {
    const fees = messages.filter((message) => message.asset === asset).map(({ fee }) => fee);
    return { asset, amount: fees.reduce((sum, fee) => sum + fee, 0n) };
  });
}

/** Takes the item of the lowest rank, again and again. */
function shuffled(releases: readonly Release[], key: Hex): Release[] {
  const ranked = releases.map((release, i) => ({ release, rank: hmac(key, uint(BigInt(i), 4)) }));
  const ordered: Release[] = [];
  while (ranked.length > 0) {
    let lowest = 0;
    ranked.forEach(({ rank }, i) => {
      if (BigInt(rank) < BigInt(ranked[lowest]!.rank)) lowest = i;
    });
    ordered.push(ranked.splice(lowest, 1)[0]!.release);
  }
  return ordered;
}

function cutBatches(
  { chainId, gateway, inbox, released }: LedgerState['chains'][number],
  releases: readonly Release[],
  pools: readonly Fee[],
): ReleaseBatch[] {
  const groups = Math.ceil(pools.length / 16);
  const count = Math.ceil(releases.length / 16);
  const batches: ReleaseBatch[] = [];
  for (let i = 0; i < count; i++) {
    const at = after(released, batches);
    const fees = pools
      .map(({ asset, amount }, k) => ({
        asset,
        amount: feeShare(amount, i, { count, groups, group: Math.floor(k / 16) }),
      }))
      .filter(({ amount }) => amount > 0n);
    batches.push({
      chainId,
      gateway,
      firstIndex: at.count,
      prevHead: at.head,
      releases: releases.slice(16 * i, 16 * i + 16),
      fees,
      consumedCount: inbox.count,
    });
  }
  return batches;
}

function feeShare(
  pooled: bigint,
  batch: number,
  { count, groups, group }: { count: number; groups: number; group: number },
): bigint {
  const takers = Array.from({ length: count }, (_, i) => i).filter((i) => i % groups === group);
  if (!takers.includes(batch)) return 0n;
  const share = pooled - pooled / 2n;
  const each = share / BigInt(takers.length);
  return batch === takers[0] ? share - each * BigInt(takers.length - 1) : each;
}

function after(
  position: LedgerState['chains'][number]['released'],
  batches: readonly ReleaseBatch[],
) {
  let { count, head } = position;
  for (const { releases, fees } of batches) {
    const types = {
      Release: [
        { name: 'tag', type: 'bytes32' },
        { name: 'asset', type: 'bytes32' },
        { name: 'recipient', type: 'address' },
        { name: 'amount', type: 'uint256' },
        { name: 'refundOf', type: 'uint64' },
      ],
      Fee: [
        { name: 'asset', type: 'bytes32' },
        { name: 'amount', type: 'uint256' },
      ],
    };
    const hashOf = (name: 'Release' | 'Fee', items: readonly object[]) =>
      keccak256(
        concat(
          items.map((item) => TypedDataEncoder.hashStruct(name, { [name]: types[name] }, item)),
        ),
      );
    const words = [head, hashOf('Release', releases), hashOf('Fee', fees)];
    head = keccak256(abi.encode(['bytes32', 'bytes32', 'bytes32'], words)) as Hex;
    count += BigInt(releases.length);
  }
  return { count, head };
}

function inboxAfter(
  inbox: LedgerState['chains'][number]['inbox'],
  chainId: bigint,
  { messages }: TransitionInput,
) {
  let { count, head } = inbox;
  for (const { message: m } of messages) {
    if (m.chainId !== chainId) continue;
    const leaf = keccak256(
      abi.encode(
        [
          'uint8',
          'uint256',
          'address',
          'uint64',
          'uint64',
          'address',
          'address',
          'bytes32',
          'uint256',
          'uint256',
          'uint256',
          'bytes32',
        ],
        [
          2,
          m.chainId,
          m.gateway,
          m.index,
          m.sentAtSec,
          m.sender,
          m.refundTo,
          m.asset,
          m.amount,
          m.fee,
          m.destination,
          keccak256(m.envelope),
        ],
      ),
    );
    head = keccak256(abi.encode(['bytes32', 'bytes32'], [head, leaf])) as Hex;
    count += 1n;
  }
  return { count, head };
}

function supplyAfter(
  state: LedgerState,
  paying: readonly { opened: OpenedMessage; chainId: bigint }[],
): LedgerState['supply'] {
  const touched = paying.map(({ opened }) => opened.message.asset);
  const assets = [...new Set([...state.supply.map(({ asset }) => asset), ...touched])].sort();
  return assets.flatMap((asset) => {
    const origin = BigInt(asset.slice(0, 26));
    const before = state.supply.find((entry) => entry.asset === asset);
    const minted = state.chains
      .filter(({ chainId }) => chainId !== origin)
      .map(({ chainId }) => {
        const had = before?.minted.find((entry) => entry.chainId === chainId)?.amount ?? 0n;
        return { chainId, amount: had + flowTo(chainId, asset, paying) };
      })
      .filter(({ amount }) => amount !== 0n);
    const locked = minted.reduce((sum, { amount }) => sum + amount, 0n);
    return locked === 0n ? [] : [{ asset, locked, minted }];
  });
}

/** What comes to a chain that is not the asset's origin, less what leaves it. */
function flowTo(
  chainId: bigint,
  asset: Hex,
  paying: readonly { opened: OpenedMessage; chainId: bigint }[],
): bigint {
  let flow = 0n;
  for (const { opened, chainId: payer } of paying) {
    const { message } = opened;
    if (message.asset !== asset) continue;
    if (message.chainId === chainId) flow -= message.amount;
    if (payer === chainId) flow += message.amount;
  }
  return flow;
}

function idOf(state: LedgerState, secret: Uint8Array): Hex {
  const blinding = prf(secret, 'veilspan/state-blinding/v1', uint(state.number, 8));
  return keccak256(concat([referenceEncoding(state), blinding])) as Hex;
}

/** The documented encoding of a state, put together as text. */
export function referenceEncoding({ number, chains, supply }: LedgerState): Hex {
  const position = (p: { count: bigint; head: Hex }) => littleEndian(p.count) + p.head.slice(2);
  const chainTexts = chains.map(
    (c) => littleEndian(c.chainId) + c.gateway.slice(2) + position(c.inbox) + position(c.released),
  );
  const supplyTexts = supply.map(
    ({ asset, locked, minted }) =>
      asset.slice(2) +
      uint(locked, 16) +
      list(minted.map(({ chainId, amount }) => littleEndian(chainId) + uint(amount, 16))),
  );
  return `0x01${littleEndian(number)}${list(chainTexts)}${list(supplyTexts)}`;
}

/** A list of fewer than 64 items. */
function list(items: readonly string[]): string {
  return uint(BigInt(4 * items.length), 1) + items.join('');
}

function littleEndian(value: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.toString('hex');
}

function uint(value: bigint, bytes: number): string {
  return toBeHex(value, bytes).slice(2);
}

function sealedTag(secret: Uint8Array, index: number): Hex {
  return keccak256(concat([toUtf8Bytes('veilspan/tag/v1'), secret, Uint8Array.of(index)])) as Hex;
}

function openTag({ chainId, gateway, index }: Message, payout: number): Hex {
  const words = abi.encode(
    ['uint256', 'address', 'uint256', 'uint256'],
    [chainId, gateway, index, payout],
  );
  return keccak256(concat([toUtf8Bytes('veilspan/public-tag/v1'), words])) as Hex;
}

function prf(secret: Uint8Array, label: string, fields: string): Hex {
  const message = Buffer.concat([Buffer.from(label), Buffer.from(fields, 'hex')]);
  return `0x${createHmac('sha256', secret).update(message).digest('hex')}`;
}

function hmac(key: Hex, fields: string): Hex {
  const secret = Buffer.from(key.slice(2), 'hex');
  return `0x${createHmac('sha256', secret).update(Buffer.from(fields, 'hex')).digest('hex')}`;
}
