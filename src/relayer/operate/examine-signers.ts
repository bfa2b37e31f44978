import { type BridgedChain, ChainError } from '../../chains/shared/bridged-chain.ts';
import type { FeeCeilings } from '../../chains/shared/fee-ceilings.ts';
import type { RelayerChain, RelayerConfig } from '../../config/relayer.ts';
import type { Secret } from '../../config/secret.ts';
import type { Hex } from '../../shared/bytes.ts';
import { formatCoins } from '../../shared/units.ts';
import { limitsOf } from '../open-bridge.ts';
import { type Check, describeFailure, type Finding, failure, good, warning } from './finding.ts';
import type { JournalStanding } from './journal-standing.ts';

/** What the accounts on a chain are held against. */
export interface SignerSurroundings {
  readonly config: Pick<RelayerConfig, 'anchor'>;
  readonly entry: RelayerChain;
  readonly chain: Pick<BridgedChain, 'signer' | 'balanceWei' | 'nonceOf' | 'sign'>;
  /** What findings call the chain. */
  readonly name: string;
  /** Of the journal; undefined if it could not be opened. */
  readonly standing: JournalStanding | undefined;
  /** Whether a relayer runs on that journal, which goes on meanwhile. */
  readonly isRunning: boolean;
}

/** What is checked of the accounts that submit on a chain, and of what that costs. */
export function signerChecks(seen: SignerSurroundings): Check[] {
  const { name, entry } = seen;
  return [
    ...signersOf(entry, seen.config).map(([what, secret]) => ({
      name: `${name}: ${what}`,
      fix: `correct the ${what} of ${entry.name}`,
      look: () => lookAtSigner(seen, what, secret),
    })),
    {
      name: `${name}: fees`,
      fix: `ask another node of ${entry.name}`,
      look: () => lookAtFees(seen),
    },
  ];
}

/** What an account that submits is there for. */
export type SignerPurpose = 'signer' | 'commit signer';

/** Each account that submits on a chain, by its secret. */
export function signersOf(
  { signer, commitSigner, chainId }: RelayerChain,
  { anchor }: Pick<RelayerConfig, 'anchor'>,
): (readonly [SignerPurpose, Secret])[] {
  const own = [['signer', signer]] as const;
  if (commitSigner === undefined || chainId !== anchor.chainId) return [...own];
  return [...own, ['commit signer', commitSigner]];
}

async function lookAtSigner(
  { chain, entry, standing, isRunning, name }: SignerSurroundings,
  what: string,
  secret: Secret,
): Promise<Finding> {
  const check = `${name}: ${what}`;
  const signer = await chain.signer(secret.reveal());
  const [balance, nonce] = await Promise.all([
    chain.balanceWei(signer.address),
    chain.nonceOf(signer),
  ]);
  const says = `${signer.address} has ${formatCoins(balance)} of its coin and nonce ${nonce}`;
  const send = `send coins of ${entry.name} to ${signer.payTo ?? signer.address}`;
  if (balance === 0n) return failure(check, says, send);
  const { leastBalanceWei } = entry.spending;
  if (balance < leastBalanceWei) {
    return warning(
      check,
      `${says}; spending.leastBalanceWei is ${formatCoins(leastBalanceWei)}`,
      send,
    );
  }
  const account = { chainId: entry.chainId, account: signer.address, nonce };
  const drift = driftOf(standing, account, isRunning ? MOST_MEANWHILE : 0);
  return drift === undefined
    ? good(check, says)
    : warning(check, `${says}; ${drift.says}`, drift.fix);
}

/** What the market asks for is held to the ceilings by signing something that does nothing, which goes nowhere. */
async function lookAtFees({ chain, entry, name }: SignerSurroundings): Promise<Finding> {
  const check = `${name}: fees`;
  const signer = await chain.signer(entry.signer.reveal());
  const call = { to: signer.address, data: '0x', valueWei: 0n } as const;
  const { ceilings } = limitsOf(entry);
  const costOf = async (share: bigint) => {
    const parts = Object.entries(ceilings).map(([key, wei]) => [key, wei / share]);
    const terms = { ceilings: Object.fromEntries(parts) as FeeCeilings };
    return (await chain.sign(signer, call, terms)).costWei;
  };
  const fix = `raise spending.feePerGasWei and what belongs to it for ${entry.name}, or wait: nothing is sent above them`;
  try {
    return good(
      check,
      `a transfer costs ${formatCoins(await costOf(2n))} at most, within half of the ceilings`,
    );
  } catch (error) {
    if (!isAboveCeiling(error)) throw error;
  }
  try {
    const says = `a transfer costs ${formatCoins(await costOf(1n))}, above half of the ceilings`;
    return warning(check, says, fix);
  } catch (error) {
    if (!isAboveCeiling(error)) throw error;
    return failure(check, describeFailure(error), fix);
  }
}

function isAboveCeiling(error: unknown): boolean {
  return error instanceof ChainError && error.code === 'CHAIN_FEE_ABOVE_CEILING';
}

interface Account {
  readonly chainId: bigint;
  readonly account: Hex;
  readonly nonce: number;
}

/** Transactions that a relayer can have sent since its journal was read. */
const MOST_MEANWHILE = 256;

/** How the nonce that a chain tells differs from what the journal has seen included. */
function driftOf(
  standing: JournalStanding | undefined,
  { chainId, account, nonce }: Account,
  tolerated: number,
) {
  const own = standing?.accounts.find(
    (each) => each.chainId === `${chainId}` && each.account === account,
  );
  if (own === undefined || Math.abs(own.nextNonce - nonce) <= tolerated) return undefined;
  const says = `the journal expects nonce ${own.nextNonce}`;
  return own.nextNonce > nonce
    ? { says, fix: 'the node is behind, or of another chain: ask another node' }
    : { says, fix: 'something else signs with this key: give the relayer one of its own' };
}
