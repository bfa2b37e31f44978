import { Interface } from 'ethers';
import type { BridgedChain } from '../../src/chains/shared/bridged-chain.ts';
import type { ClientConfig } from '../../src/config/client.ts';
import { NATIVE_TOKEN, originChainId } from '../../src/protocol/asset.ts';
import type { Hex } from '../../src/shared/bytes.ts';

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
  readonly account: Account;
  readonly before: bigint;
  readonly after: bigint;
  readonly expected: bigint;
}

/** What the protocol says must become of every balance, kept beside the bridge and without asking it. */
export interface Bookkeeping {
  /** Starts to follow an account, from its balance now. */
  open(account: Account): Promise<void>;
  /** `amount` of the asset was paid in on `chain` by `depositor`; the gateway locks or burns it. */
  paidIn(entry: Entry): void;
  /** `amount` leaves the gateway of `chain` for `holder`. */
  paidOut(entry: Entry): void;
  /** `holder` spent native coin of `chain` on gas. */
  spent(entry: Omit<Entry, 'asset'>): void;
  /** Reads every balance again and sets it beside what it should be. */
  settle(): Promise<BalanceLine[]>;
}

/** A movement between a gateway and a holder. */
export interface Entry {
  readonly chain: BridgedChain;
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
export function createBookkeeping(client: ClientConfig): Bookkeeping {
  const open: OpenAccount[] = [];
  const move = (chain: BridgedChain, token: Hex, holder: Hex | undefined, amount: bigint) => {
    for (const entry of open) {
      const { account } = entry;
      const isHeld =
        holder === undefined ? account.holders.length === 0 : account.holders.includes(holder);
      if (account.chain === chain && account.token === token && isHeld) entry.expected += amount;
    }
  };
  const moveThroughGateway = (entry: Entry, sign: bigint) => {
    const { chain, asset, holder, amount } = entry;
    const token = tokenOn(client, chain, asset);
    move(chain, token, holder, sign * amount);
    const isOrigin = originChainId(asset) === chain.chainId;
    if (isOrigin) move(chain, token, gatewayOf(client, chain), -sign * amount);
    else move(chain, token, undefined, sign * amount);
  };
  return {
    open: async (account) => {
      const before = await readBalance(account);
      open.push({ account, before, expected: before });
    },
    paidIn: (entry) => moveThroughGateway(entry, -1n),
    paidOut: (entry) => moveThroughGateway(entry, 1n),
    spent: ({ chain, holder, amount }) => move(chain, NATIVE_TOKEN, holder, -amount),
    settle: () =>
      Promise.all(
        open.map(async ({ account, before, expected }) => ({
          account,
          before,
          after: await readBalance(account),
          expected,
        })),
      ),
  };
}

/** The asset's token on one of the two chains. */
export function tokenOn(client: ClientConfig, chain: BridgedChain, asset: Hex): Hex {
  const token = client.tokens.find((each) => each.asset === asset);
  return token?.[chain.name] ?? NATIVE_TOKEN;
}

/** The gateway on one of the two chains. */
export function gatewayOf(client: ClientConfig, chain: BridgedChain): Hex {
  return client[chain.name].gateway;
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
