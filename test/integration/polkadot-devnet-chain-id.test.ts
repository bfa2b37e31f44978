import type { ApiPromise } from '@polkadot/api';
import { getCreateAddress, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { askRaw, connectApi, startManualChain } from '../support/polkadot-devnet.ts';

const DEFAULT_ID = 420_420_499n;
const OTHER_ID = 420_420_500n;
/** Returns its own `CHAINID` as a word: nine bytes of code behind twelve that return them. */
const CHAIN_ID_CONTRACT: Hex = '0x6009600c60003960096000f34660005260206000f3';
/** Alith, whom the presets endow. */
const ALITH = new Wallet('0x5fb92d6e98884f76de468fa3f6278f8807c48bebc13595d45af5bdc4da702133');

describe.each([
  { name: 'the runtime’s own', evmChainId: undefined, id: DEFAULT_ID, foreign: OTHER_ID },
  { name: 'one of genesis', evmChainId: OTHER_ID, id: OTHER_ID, foreign: DEFAULT_ID },
])('a chain whose EVM has $name chain id', ({ evmChainId, id, foreign }) => {
  let chain: PolkadotDevnet;
  let api: ApiPromise;

  beforeAll(async () => {
    chain = await startManualChain(evmChainId === undefined ? {} : { evmChainId });
    api = await connectApi(chain);
    await chain.produceBlock();
  });
  afterAll(async () => {
    await api?.disconnect();
    await chain?.close();
  });

  it('says so in its metadata', () => {
    expect(String(api.consts['revive']?.['chainId'])).toBe(`${id}`);
  });

  it('takes Ethereum transactions signed for it, and no others', async () => {
    expect(await submit(await sign(foreign))).toMatch(/Invalid/);
    expect(await submit(await sign(id))).toBe('taken');
  });

  it('shows it to contracts as block.chainid', async () => {
    await chain.produceBlock();
    const address = getCreateAddress({ from: ALITH.address, nonce: 0 });
    const origin = `${ALITH.address}${'ee'.repeat(12)}`;
    const call = api.call['reviveApi']?.['call'];
    if (call === undefined) throw new Error('the runtime has no ReviveApi_call');
    const answer = await call(origin, address, 0, null, null, '0x');
    const { result } = answer.toJSON() as { result: { ok: { data: Hex } } };
    expect(BigInt(result.ok.data)).toBe(id);
  });

  /** Signs the contract's creation for a chain. */
  async function sign(chainId: bigint): Promise<Hex> {
    const gasPrice = BigInt(String(await api.call['reviveApi']?.['gasPrice']?.()));
    const transaction = { nonce: 0, gasPrice, gasLimit: 10n ** 9n, data: CHAIN_ID_CONTRACT };
    return (await ALITH.signTransaction({ ...transaction, chainId, type: 0 })) as Hex;
  }

  /** What the pool says to an Ethereum transaction. */
  async function submit(raw: Hex): Promise<string> {
    const extrinsic = api.tx['revive']?.['ethTransact']?.(raw).toHex();
    const { error } = await askRaw(chain, 'author_submitExtrinsic', [extrinsic]);
    return error === undefined ? 'taken' : `${error.message}: ${error.data}`;
  }
});
