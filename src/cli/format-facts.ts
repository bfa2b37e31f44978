import { NATIVE_TOKEN, originChainId } from '../protocol/asset.ts';
import type { Hex } from '../shared/bytes.ts';
import { formatCoins } from '../shared/units.ts';
import { formatInstant } from './format-instant.ts';

type Facts = Readonly<Record<string, string>>;

/** What the chains say of a subject, a line each: amounts in coins where the asset is one, chains by their names, times as dates. */
export function formatFacts(facts: Facts, nameOf: (chainId: string) => string): string[] {
  const asset = facts['asset'];
  const words: Readonly<Record<string, (value: string) => string>> = {
    asset: (value) => describeAsset(value as Hex, nameOf),
    amount: (value) => formatAssetAmount(asset, value),
    fee: (value) => formatAssetAmount(asset, value),
    paid: (value) => formatAssetAmount(asset, value),
    deferred: (value) => formatAssetAmount(asset, value),
    sentAtSec: (value) => formatInstant(Number(value) * 1000),
    asOf: (value) => formatInstant(Number(value) * 1000),
    inputs: (value) => describeInputs(value, nameOf),
  };
  return Object.entries(facts).map(([name, value]) => {
    return `  ${TITLES[name] ?? name}: ${words[name]?.(value) ?? value}`;
  });
}

/** Where a fact is called otherwise than what JSON calls it. */
const TITLES: Facts = {
  sentAtSec: 'sent',
  asOf: 'as of',
  inputs: 'messages taken',
  prevHead: 'head before it',
  postState: 'state id',
  isFinal: 'final',
};

function isCoin(asset: string | undefined): boolean {
  return asset?.endsWith(NATIVE_TOKEN.slice(2)) === true;
}

function describeAsset(asset: Hex, nameOf: (chainId: string) => string): string {
  const chain = nameOf(`${originChainId(asset)}`);
  return isCoin(asset) ? `the coin of ${chain}` : `token 0x${asset.slice(-40)} of ${chain}`;
}

/** How many decimals a token has, its contract alone knows. */
function formatAssetAmount(asset: string | undefined, amount: string): string {
  if (isCoin(asset)) return formatCoins(BigInt(amount));
  return `${amount} of the token's smallest unit`;
}

function describeInputs(json: string, nameOf: (chainId: string) => string): string {
  const inputs = JSON.parse(json) as readonly { chainId: string; count: string }[];
  return inputs.map(({ chainId, count }) => `${count} of ${nameOf(chainId)}`).join(', ');
}
