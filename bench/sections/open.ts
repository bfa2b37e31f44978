import { hpkePublicKey } from '../../src/crypto/hpke.ts';
import { openEnvelope, sealDeposit } from '../../src/protocol/envelope.ts';
import type { DepositOrder } from '../../src/protocol/order.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { bareOpening } from '../cases/bare-open.ts';
import type { Options } from '../options.ts';
import { formatMs, printTable } from '../report.ts';
import { compare } from '../timing.ts';

const SECRET = new Uint8Array(32).fill(7);
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
const PLACE = {
  deposit: {
    chainId: 31_337n,
    gateway: address('a1'),
    sender: address('b2'),
    refundTo: address('b2'),
    asset: word('c3'),
    amount: 10n ** 18n,
    destination: 0n,
  },
  ledger: { chainId: 420_420_499n, verifyingContract: address('d4') },
};
const ORDER: DepositOrder = {
  account: word('e5'),
  legs: [1, 2, 5].map((amount) => ({
    mode: 'pooled',
    chainId: 420_420_499n,
    recipient: word('0f'),
    amount: BigInt(amount) * 10n ** 17n,
    crowd: 1,
  })),
  notBefore: 0n,
  patience: 1_000n,
  afterPatience: 'return',
  tagSecret: new Uint8Array(32).fill(8),
  memo: new Uint8Array(0),
};

/** Opening a sealed deposit and reading its order, beside the bare primitives that no opening can do without. */
export async function benchOpen({ repeats }: Options): Promise<void> {
  const key = { epoch: 1n, epochKey: await hpkePublicKey(SECRET) };
  const rng = { bytes: (length: number) => new Uint8Array(length).fill(9) };
  const envelope = await sealDeposit(ORDER, key, PLACE.deposit, rng);
  const { kind } = await openEnvelope(envelope, PLACE, () => SECRET);
  if (kind !== 'sealed') throw new Error(`what is measured does not open: ${kind}`);
  const open = () => openEnvelope(envelope, PLACE, () => SECRET);
  const { oursMs, peerMs, ratio } = await compare(open, bareOpening(), repeats);
  printTable({
    title: 'Opening a sealed deposit',
    columns: ['what', 'time', 'ratio'],
    rows: [
      ['X25519, HKDF, ChaCha20-Poly1305 over ready keys', formatMs(peerMs), '1'],
      ['envelope to order', formatMs(oursMs), ratio.toFixed(2)],
    ],
    note: 'Both by node:crypto, in turns. HPKE derives with five HMACs where the bare way has one HKDF; the order is decoded and checked.',
  });
}
