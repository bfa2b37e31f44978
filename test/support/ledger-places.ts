import type { LedgerRules } from '../../src/ledger/rules.ts';
import { type AccountOwner, accountId, type SignatureScheme } from '../../src/protocol/account.ts';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import type { Hex } from '../../src/shared/bytes.ts';

// Where random histories of the ledger take place.

/** An address of one repeated byte. */
export function addressOf(byte: number): Hex {
  return `0x${byte.toString(16).padStart(2, '0').repeat(20)}`;
}

export const CHAIN_IDS = [100n, 200n, 300n] as const;
export const [WEST, EAST, NORTH] = CHAIN_IDS;
export const GATEWAYS: ReadonlyMap<bigint, Hex> = new Map([
  [WEST, addressOf(0xa1)],
  [EAST, addressOf(0xa2)],
  [NORTH, addressOf(0xa3)],
]);

/** The last is never registered by the usual control messages. */
export const ASSETS: readonly Hex[] = [
  assetId(WEST, NATIVE_TOKEN),
  assetId(EAST, NATIVE_TOKEN),
  assetId(NORTH, addressOf(0x70)),
  assetId(NORTH, NATIVE_TOKEN),
];
/** 100, 200 and 1000 with the usual unit. */
export const RUNGS = [0, 1, 3];
export const POOL_UNIT = 100n;

const SCHEMES: readonly SignatureScheme[] = ['secp256k1', 'ed25519', 'sr25519'];

/** Owners whose accounts orders name, and some more that are only ever paid. */
export const OWNERS = 5;
export const PAYEES = 7;

/** The owner of a place. */
export function ownerOf(place: number): AccountOwner {
  const publicKey: Hex = `0x${(place + 1).toString(16).padStart(64, '0')}`;
  return { scheme: SCHEMES[place % 3] ?? 'ed25519', publicKey, index: place };
}

/** The account of a place's owner. */
export function accountOf(place: number): Hex {
  return accountId(ownerOf(place));
}

/** Rounds of 100 seconds; a day has 864. Late after six of them, unless said otherwise. */
export const RULES: LedgerRules = {
  schedule: { startSec: 1_900_000_000n, roundSec: 100n },
  chains: [
    { chainId: WEST, gateway: addressOf(0xa1), lagSec: 130n },
    { chainId: EAST, gateway: addressOf(0xa2), lagSec: 30n },
    { chainId: NORTH, gateway: addressOf(0xa3), lagSec: 60n },
  ],
  anchor: { chainId: EAST, address: addressOf(0xac) },
  lateSec: 600n,
  graceSec: 40n,
  pools: { leastRoots: 2, meanStayRounds: 2 },
  houseAccount: `0x${'a0'.repeat(32)}`,
  firstEpoch: 1n,
};

/** Open to nobody in these histories. */
export const STRANGER: Hex = `0x${'be'.repeat(32)}`;
