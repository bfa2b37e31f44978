import { setTimeout as sleep } from 'node:timers/promises';
import type { ChainCall } from '../../src/chains/shared/bridged-chain.ts';
import { DEFAULT_CEILINGS, type FeeCeilings } from '../../src/chains/shared/fee-ceilings.ts';
import { quoteFee } from '../../src/client/deposit.ts';
import { loadArtifact } from '../../src/deploy/artifacts.ts';
import { transparentEnvelope } from '../../src/protocol/envelope.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import type { RelaySide } from './relay-world.ts';

/** Of every deposit; any fee and rate of the local world fits into it. */
const AMOUNT = 10n ** 16n;

/** Deposits of one transaction, and transactions that wait for a block together: it stays below what a block of the chain takes. */
const AT_ONCE = {
  ethereum: { deposits: 120, transactions: 3 },
  polkadot: { deposits: 40, transactions: 4 },
} as const;

/** Nobody sends forty deposits at once but a benchmark: what that costs is no reason to refuse it. */
const CEILINGS: FeeCeilings = { ...DEFAULT_CEILINGS, transactionWei: 10n ** 24n };

const LOOK_MS = 250;

/** Makes deposits that anyone can read, each to a recipient of its own. */
export async function makeDeposits(
  from: RelaySide,
  { asset, to, count }: { readonly asset: Hex; readonly to: bigint; readonly count: number },
): Promise<void> {
  const { abi } = loadArtifact('ManyDeposits');
  const fee = await quoteFee(from, asset);
  const most = from.chain.name === 'ethereum' ? AT_ONCE.ethereum : AT_ONCE.polkadot;
  const calls: ChainCall[] = [];
  for (let made = 0; made < count; made += most.deposits) {
    const envelopes = Array.from({ length: Math.min(most.deposits, count - made) }, (_, i) =>
      toHex(transparentEnvelope(recipientOf(made + i))),
    );
    const args = [from.gateway, asset, AMOUNT, fee, to, envelopes];
    const data = abi.encodeFunctionData('deposit', args) as Hex;
    calls.push({ to: from.many, data, valueWei: AMOUNT * BigInt(envelopes.length) });
  }
  for (let sent = 0; sent < calls.length; sent += most.transactions) {
    await send(from, calls.slice(sent, sent + most.transactions));
  }
}

/** Sends calls right behind each other, none of which needs more than the first, and waits until blocks have all of them. */
async function send({ chain, depositor }: RelaySide, calls: readonly ChainCall[]): Promise<void> {
  const [first] = calls;
  if (first === undefined) return;
  const budget = await chain.budget(depositor, first);
  const nonce = await chain.nonceOf(depositor);
  for (const [i, call] of calls.entries()) {
    const terms = { nonce: nonce + i, budget, ceilings: CEILINGS };
    const signed = await chain.sign(depositor, call, terms);
    await chain.broadcast(signed);
    if (i + 1 === calls.length) while (!(await chain.receiptOf(signed))) await sleep(LOOK_MS);
  }
}

function recipientOf(place: number): Hex {
  return `0x${(place + 1).toString(16).padStart(40, 'b')}`;
}
