import { Interface } from 'ethers';
import type { BridgedChain } from '../../src/chains/shared/bridged-chain.ts';
import { contractsOn } from '../../src/deploy/deploy-bridge.ts';
import { NATIVE_TOKEN, originChainId } from '../../src/protocol/asset.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import type { Deployment } from '../demo-assets.ts';

const TOKEN_ABI = new Interface([
  'function balanceOf(address) view returns (uint256)',
  'function totalSupply() view returns (uint256)',
]);

/** Whose units of what, and where. */
export interface Account {
  readonly label: string;
  readonly chain: BridgedChain;
  readonly symbol: string;
  /** The zero address is the native coin. */
  readonly token: Hex;
  /** Several holders count as one; none is the token's total supply. */
  readonly holders: readonly Hex[];
}

/** A line of the table at the end. */
export interface BalanceLine {
  readonly label: string;
  /** Name of a chain, or `ledger`. */
  readonly place: string;
  readonly symbol: string;
  readonly before: bigint;
  readonly after: bigint;
  readonly expected: bigint;
}

/** What the protocol says must become of every balance, kept beside the bridge and without asking it. */
export interface Bookkeeping {
  /** Starts to follow an account, from its balance now. */
  open(account: Account): Promise<void>;
  /** `holder` paid `amount` in; the gateway locks or burns it. */
  paidIn(entry: Entry): void;
  /** `amount` leaves the gateway for `holder`. */
  paidOut(entry: Entry): void;
  /** `holder` spent native coin on gas. */
  spent(entry: Omit<Entry, 'asset'>): void;
  /** Reads every balance again and sets it beside what it should be. */
  settle(): Promise<BalanceLine[]>;
}

/** A movement between a gateway and a holder. */
export interface Entry {
  readonly chainId: bigint;
  readonly asset: Hex;
  readonly holder: Hex;
  readonly amount: bigint;
}

interface OpenAccount {
  readonly account: Account;
  readonly before: bigint;
  expected: bigint;
}

/** Creates the books of a world. */
export function createBookkeeping(deployment: Deployment): Bookkeeping {
  const open: OpenAccount[] = [];
  const move = (chainId: bigint, token: Hex, holder: Hex | undefined, amount: bigint) => {
    for (const entry of open) {
      const { chain, token: held, holders } = entry.account;
      const isHeld = holder === undefined ? holders.length === 0 : holders.includes(holder);
      if (chain.chainId === chainId && held === token && isHeld) entry.expected += amount;
    }
  };
  const moveThroughGateway = (entry: Entry, sign: bigint) => {
    const { chainId, asset, holder, amount } = entry;
    const token = tokenOn(deployment, chainId, asset);
    move(chainId, token, holder, sign * amount);
    const isOrigin = originChainId(asset) === chainId;
    if (isOrigin) move(chainId, token, contractsOn(deployment, chainId).gateway, -sign * amount);
    else move(chainId, token, undefined, sign * amount);
  };
  return {
    open: async (account) => {
      const before = await readBalance(account);
      open.push({ account, before, expected: before });
    },
    paidIn: (entry) => moveThroughGateway(entry, -1n),
    paidOut: (entry) => moveThroughGateway(entry, 1n),
    spent: ({ chainId, holder, amount }) => move(chainId, NATIVE_TOKEN, holder, -amount),
    settle: () =>
      Promise.all(
        open.map(async ({ account, before, expected }) => ({
          label: account.label,
          place: account.chain.name,
          symbol: account.symbol,
          before,
          after: await readBalance(account),
          expected,
        })),
      ),
  };
}

function tokenOn({ assets }: Deployment, chainId: bigint, asset: Hex): Hex {
  const token = assets.find((each) => each.asset === asset)?.addresses.get(chainId);
  if (token === undefined) throw new RangeError(`no token of ${asset} on chain ${chainId}`);
  return token;
}

async function readBalance({ chain, token, holders }: Account): Promise<bigint> {
  if (holders.length === 0) return readToken(chain, token, ['totalSupply', []]);
  const balances = await Promise.all(
    holders.map((holder) =>
      token === NATIVE_TOKEN
        ? chain.balanceWei(holder)
        : readToken(chain, token, ['balanceOf', [holder]]),
    ),
  );
  return balances.reduce((sum, balance) => sum + balance, 0n);
}

async function readToken(
  chain: BridgedChain,
  token: Hex,
  [method, args]: [method: string, args: Hex[]],
): Promise<bigint> {
  return BigInt(await chain.call(token, TOKEN_ABI.encodeFunctionData(method, args) as Hex));
}
