import type { Hex } from '../shared/bytes.ts';
import { type BridgedChain, ChainError, type ChainSigner } from './shared/bridged-chain.ts';
import type { ChainAdapter, ChainOptions } from './shared/chain-adapter.ts';
import { createUnheardEndpoints } from './shared/endpoints.ts';
import type { Joining } from './shared/joining.ts';

const NO_CALLS: ReadonlyMap<string, number> = new Map();

/**
 * A chain that need not be there yet: what it is asked waits for the first attempt to open it, and then fails as the last attempt did until a
 * node answers. Its accounts are known by their secrets alone, and given to the chain when they are first used.
 */
export function createLazyChain(
  { name, chainId, url, urls = [] }: Pick<ChainOptions, 'name' | 'chainId' | 'url' | 'urls'>,
  joining: Joining<BridgedChain>,
  addressOf: ChainAdapter['addressOf'],
): BridgedChain {
  const { signer, ready, readyAt } = createLazyAccounts(name, joining, addressOf);
  const opened = () => joining.get();
  const unheard = createUnheardEndpoints([url, ...urls]);
  return {
    name,
    chainId,
    signer,
    onHead: (tell) => {
      void joining.opening.then((chain) => {
        chain.onHead(tell);
        tell();
      });
    },
    head: async () => (await opened()).head(),
    finalizedHead: async () => (await opened()).finalizedHead(),
    hashAt: async (blockNumber) => (await opened()).hashAt(blockNumber),
    call: async (...args) => (await opened()).call(...args),
    word: async (...args) => (await opened()).word(...args),
    logs: async (filter) => (await opened()).logs(filter),
    distrustProof: (proof, why) => joining.opened?.distrustProof(proof, why),
    distrust: (why) => joining.opened?.distrust(why),
    endpoints: () => joining.opened?.endpoints() ?? unheard.map((endpoint) => endpoint.health()),
    calls: () => joining.opened?.calls() ?? NO_CALLS,
    balanceWei: async (address) => {
      await readyAt(address);
      return await (await opened()).balanceWei(address);
    },
    setupOf: async (account) => (await opened()).setupOf(await ready(account)),
    nonceOf: async (account) => (await opened()).nonceOf(await ready(account)),
    budget: async (account, call) => (await opened()).budget(await ready(account), call),
    sign: async (account, ...args) => (await opened()).sign(await ready(account), ...args),
    renew: async (account, ...args) => (await opened()).renew(await ready(account), ...args),
    broadcast: async (...args) => (await opened()).broadcast(...args),
    receiptOf: async (signed) => (await opened()).receiptOf(signed),
    submit: async (account, call) => (await opened()).submit(await ready(account), call),
    blockShownBy: async (held) => (await opened()).blockShownBy(held),
    blockTimeSec: async (block) => (await opened()).blockTimeSec(block),
    stateProof: async (...args) => (await opened()).stateProof(...args),
    contractTrieId: async (address) => (await opened()).contractTrieId(address),
    close: () => joining.close(),
  };
}

/** Accounts of a chain that may not be open. */
interface LazyAccounts extends Pick<BridgedChain, 'signer'> {
  /** The account as the chain itself knows it. @throws {ChainError} CHAIN_SIGNER_INVALID, and as the chain's `signer` */
  ready(account: ChainSigner): Promise<ChainSigner>;
  /** Has the chain know the account with this address, if it is one of them. @throws as `ready` */
  readyAt(address: Hex): Promise<void>;
}

function createLazyAccounts(
  name: string,
  joining: Joining<BridgedChain>,
  addressOf: ChainAdapter['addressOf'],
): LazyAccounts {
  // Secrets stay out of the objects that travel: a signer that is logged shows its address.
  const secrets = new WeakMap<ChainSigner, string>();
  const made = new WeakMap<ChainSigner, Promise<ChainSigner>>();
  const accounts = new Map<Hex, ChainSigner>();
  const ready = async (account: ChainSigner) => {
    const known = made.get(account);
    if (known !== undefined) return await known;
    const secret = secrets.get(account);
    if (secret === undefined) {
      const what = 'another chain has made the signer';
      throw new ChainError('CHAIN_SIGNER_INVALID', { chain: name, what });
    }
    const making = joining.get().then((chain) => chain.signer(secret));
    made.set(account, making);
    making.catch(() => made.delete(account));
    return await making;
  };
  return {
    signer: async (secret) => {
      const account = { address: await addressOf(name, secret) };
      secrets.set(account, secret);
      accounts.set(account.address, account);
      return account;
    },
    ready,
    readyAt: async (address) => {
      const account = accounts.get(address);
      if (account !== undefined) await ready(account);
    },
  };
}
