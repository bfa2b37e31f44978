import { assetOf } from '../../../devnet/demo-assets.ts';
import type { BridgedChain } from '../../../src/chains/shared/bridged-chain.ts';
import { decodeLogs } from '../../../src/chains/shared/decode-logs.ts';
import { makeDeposit, type SourceSide } from '../../../src/client/deposit.ts';
import { recipientWord } from '../../../src/client/payment-plan.ts';
import { NATIVE_TOKEN } from '../../../src/protocol/asset.ts';
import { publicTags, sealedTags } from '../../../src/protocol/transfer-tags.ts';
import { type Hex, toHex } from '../../../src/shared/bytes.ts';
import type { Random } from '../../fuzz/random.ts';
import type { RealWorld } from './real-world.ts';

/** A deposit that a block includes, and what its payout is known by. */
export interface Payment {
  readonly name: string;
  /** 32 bytes each: of its payout, and of what gives it back. */
  readonly tags: readonly Hex[];
  /** What only the sealed envelope and its maker know. */
  readonly secret?: Uint8Array;
}

const AMOUNT = 10n ** 18n;
const FOR_EVER = 2n ** 40n;
const MOST = 3;

/** Makes one to three deposits on each chain, some of them sealed. */
export async function payIn(real: RealWorld, random: Random): Promise<Payment[]> {
  const { ethereum, polkadot } = real;
  const plans = [
    { from: ethereum, to: polkadot, symbol: 'ETH', draws: draw(random) },
    { from: polkadot, to: ethereum, symbol: 'DOT', draws: draw(random) },
  ];
  const made = plans.map(async ({ from, to, symbol, draws }) => {
    const { asset } = assetOf(real.world.deployment, symbol);
    const payments: Payment[] = [];
    for (const each of draws) payments.push(await payOne(from, to, { asset, ...each }));
    return payments;
  });
  return (await Promise.all(made)).flat();
}

interface Draw {
  readonly recipient: Hex;
  readonly account: Hex;
  readonly secret: Uint8Array;
  readonly isSealed: boolean;
}

function draw(random: Random): Draw[] {
  return Array.from({ length: 1 + random.below(MOST) }, () => ({
    recipient: toHex(random.bytes(20)),
    account: toHex(random.bytes(32)),
    secret: random.bytes(32),
    isSealed: random.below(3) === 0,
  }));
}

async function payOne(
  from: SourceSide,
  to: SourceSide,
  { asset, recipient, account, secret, isSealed }: Draw & { readonly asset: Hex },
): Promise<Payment> {
  const { chainId } = to.chain;
  const leg = {
    mode: 'direct',
    chainId,
    recipient: recipientWord(recipient),
    amount: AMOUNT / 2n,
    crowd: 1,
  } as const;
  const order = {
    account,
    legs: [leg],
    notBefore: 0n,
    patience: FOR_EVER,
    afterPatience: 'return',
    tagSecret: secret,
    memo: new Uint8Array(),
  } as const;
  const rng = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
  const { transfer } = await makeDeposit(from, {
    asset,
    token: NATIVE_TOKEN,
    amount: AMOUNT,
    destination: isSealed ? 0n : chainId,
    content: isSealed ? { kind: 'sealed', order, rng } : { kind: 'transparent', recipient },
  });
  const open = publicTags(transfer, from.gateway);
  const { payouts } = isSealed ? sealedTags(secret) : open;
  return {
    name: `${transfer.chainId}/${transfer.index}`,
    tags: [...payouts, open.refund],
    ...(isSealed && { secret }),
  };
}

/** All that a chain's gateway has logged. */
export async function logsOf({
  chain,
  gateway,
}: Pick<SourceSide, 'gateway'> & { readonly chain: BridgedChain }) {
  const { name, chainId } = chain;
  const toBlock = (await chain.head()).number;
  const logs = await chain.logs({ addresses: [gateway], fromBlock: 0, toBlock });
  return decodeLogs(logs, { chain: name, chainId, gateway, isFinal: false });
}

/** How often each payment was made or given back, by its name. */
export async function timesPaid(
  { ethereum, polkadot }: RealWorld,
  payments: readonly Payment[],
): Promise<ReadonlyMap<string, number>> {
  const seen = await Promise.all([ethereum, polkadot].map(logsOf));
  const releases = seen.flatMap(({ releases: all }) => all);
  return new Map(
    payments.map(({ name, tags }) => [
      name,
      releases.filter(({ tag }) => tags.includes(tag)).length,
    ]),
  );
}
