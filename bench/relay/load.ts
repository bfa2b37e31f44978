import { quoteFee } from '../../src/client/deposit.ts';
import { loadArtifact } from '../../src/deploy/artifacts.ts';
import { transparentEnvelope } from '../../src/protocol/envelope.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import type { RelaySide } from './relay-world.ts';

/** Of every deposit; any fee and rate of the local world fits into it. */
const AMOUNT = 10n ** 16n;

/** Deposits of one transaction: it stays below what a block of the chain takes. */
const AT_ONCE = { ethereum: 120, polkadot: 40 } as const;

/** Makes deposits that anyone can read, each to a recipient of its own. */
export async function makeDeposits(
  from: RelaySide,
  { asset, to, count }: { readonly asset: Hex; readonly to: bigint; readonly count: number },
): Promise<void> {
  const { abi } = loadArtifact('ManyDeposits');
  const fee = await quoteFee(from, asset);
  const most = from.chain.name === 'ethereum' ? AT_ONCE.ethereum : AT_ONCE.polkadot;
  for (let made = 0; made < count; made += most) {
    const envelopes = Array.from({ length: Math.min(most, count - made) }, (_, i) =>
      toHex(transparentEnvelope(recipientOf(made + i))),
    );
    const args = [from.gateway, asset, AMOUNT, fee, to, envelopes];
    const data = abi.encodeFunctionData('deposit', args) as Hex;
    const valueWei = AMOUNT * BigInt(envelopes.length);
    await from.chain.submit(from.depositor, { to: from.many, data, valueWei });
  }
}

function recipientOf(place: number): Hex {
  return `0x${(place + 1).toString(16).padStart(40, 'b')}`;
}
