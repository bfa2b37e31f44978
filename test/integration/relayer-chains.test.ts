import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAnvil } from '../../devnet/ethereum/anvil.ts';
import { startEthereumDevnet } from '../../devnet/ethereum/ethereum-devnet.ts';
import { loadAdapter } from '../../src/chains/kinds.ts';
import { GATEWAY_ABI, revertName } from '../../src/chains/shared/abi.ts';
import type { BridgedChain, ChainSigner, Receipt } from '../../src/chains/shared/bridged-chain.ts';
import { decodeLogs } from '../../src/chains/shared/decode-logs.ts';
import type { FinalitySource } from '../../src/chains/shared/finality-source.ts';
import { loadArtifact } from '../../src/deploy/artifacts.ts';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import type { ChainKind } from '../../src/protocol/chain-kind.ts';
import { GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import { EMPTY_HEAD } from '../../src/protocol/message.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { startManualChain } from '../support/polkadot-devnet.ts';

const POLL_MS = 100;
const AMOUNT = 10n ** 18n;
const DESTINATION = 5n;

/** A chain of a kind, with a light client's nodes of its own. */
async function openChain(
  kind: ChainKind,
  chainId: bigint,
  urls: { url: string; finality: string },
) {
  const adapter = await loadAdapter(kind);
  const finality = await adapter.openFinality({ client: kind, url: urls.finality });
  try {
    const options = {
      name: kind,
      chainId,
      url: urls.url,
      route: 'direct',
      pollMs: POLL_MS,
    } as const;
    return { chain: await adapter.openChain(options, finality), finality };
  } catch (error) {
    await finality.close();
    throw error;
  }
}

interface OpenChain {
  readonly kind: ChainKind;
  readonly finality: FinalitySource;
  readonly chain: BridgedChain;
  readonly secret: string;
  close(): Promise<void>;
}

/** What the lanes rely on, whichever chain it is. */
function describeChain(name: string, open: () => Promise<OpenChain>): void {
  describe(`the adapter of ${name}`, () => {
    let opened: OpenChain;
    let chain: BridgedChain;
    let signer: ChainSigner;
    let gateway: Hex;
    let deposited: Receipt;

    const deposit = (amount: bigint) => ({
      to: gateway,
      data: GATEWAY_ABI.encodeFunctionData('deposit', [
        assetId(chain.chainId, NATIVE_TOKEN),
        amount,
        0n,
        DESTINATION,
        signer.address,
        '0x01',
      ]) as Hex,
      valueWei: amount,
    });

    const deploy = async (contract: 'EnclaveRegistry' | 'Gateway', args: unknown[]) => {
      const { abi, creationCode } = loadArtifact(contract);
      const data = `${creationCode}${abi.encodeDeploy(args).slice(2)}` as Hex;
      const receipt = await chain.submit(signer, { to: null, data, valueWei: 0n });
      if (receipt.contractAddress === undefined) throw new Error(`${contract} has no address`);
      return receipt.contractAddress;
    };

    beforeAll(async () => {
      opened = await open();
      chain = opened.chain;
      signer = await chain.signer(opened.secret);
      const registry = await deploy('EnclaveRegistry', [signer.address]);
      gateway = await deploy('Gateway', [signer.address, registry]);
    });
    afterAll(() => opened.close());

    it('shows the signer by its address, and where coins for it go, and nothing else', () => {
      const { address: _, payTo: __, ...rest } = signer;
      expect(rest).toEqual({});
      expect(signer.address).toMatch(/^0x[0-9a-f]{40}$/);
    });

    it('has the signer whose address its secret alone tells', async () => {
      const { addressOf } = await loadAdapter(opened.kind);
      expect(await addressOf(name, opened.secret)).toBe(signer.address);
    });

    it('refuses a call before it costs anything, with the contract’s reason', async () => {
      const nonce = await chain.nonceOf(signer);
      const error = await chain.submit(signer, deposit(AMOUNT)).catch((caught) => caught);
      expect(error).toMatchObject({ code: 'CHAIN_CALL_REVERTED', meta: { chain: chain.name } });
      expect(revertName(error.meta.data)).toBe('GatewayAssetUnknown');
      expect(await chain.nonceOf(signer)).toBe(nonce);
    });

    it('submits a payable call and finds its log and its money again', async () => {
      const limit = 10n ** 27n;
      const asset = assetId(chain.chainId, NATIVE_TOKEN);
      const config = [NATIVE_TOKEN, limit, limit, 0n, 0n];
      const register = loadArtifact('Gateway').abi.encodeFunctionData('registerAsset', [
        asset,
        config,
      ]);
      await chain.submit(signer, { to: gateway, data: register as Hex, valueWei: 0n });
      const before = await chain.balanceWei(gateway);
      deposited = await chain.submit(signer, deposit(AMOUNT));
      expect((await chain.balanceWei(gateway)) - before).toBe(AMOUNT);
      const place = { chain: chain.name, chainId: chain.chainId, gateway, isFinal: false };
      expect(decodeLogs(deposited.logs, place).messages).toEqual([
        expect.objectContaining({
          index: 0n,
          sender: signer.address,
          refundTo: signer.address,
          asset,
          amount: AMOUNT,
          envelope: '0x01',
        }),
      ]);
      const { blockNumber } = deposited;
      const range = { addresses: [gateway], fromBlock: blockNumber, toBlock: blockNumber };
      expect(await chain.logs(range)).toEqual(deposited.logs);
      expect(await chain.logs({ ...range, addresses: [signer.address] })).toEqual([]);
    });

    it('reads a word now and as it was in an earlier block', async () => {
      const sentHead = await chain.word(gateway, GATEWAY_SLOTS.sentHead);
      const data = GATEWAY_ABI.encodeFunctionData('sentHead') as Hex;
      expect(await chain.call(gateway, data)).toBe(sentHead);
      expect(sentHead).not.toBe(EMPTY_HEAD);
      const { blockHash } = deposited;
      expect(await chain.word(gateway, GATEWAY_SLOTS.sentHead, blockHash)).toBe(sentHead);
      const genesis = await chain.logs({ addresses: [gateway], fromBlock: 0, toBlock: 0 });
      expect(genesis).toEqual([]);
    });

    it('says when a block was made, as its contracts saw it', async () => {
      const place = { chain: chain.name, chainId: chain.chainId, gateway, isFinal: false };
      const [message] = decodeLogs(deposited.logs, place).messages;
      expect(message?.sentAtSec).toBeGreaterThan(0n);
      expect(await chain.blockTimeSec(deposited.blockHash)).toBe(message?.sentAtSec);
    });

    it('takes concurrent submissions of one account in order', async () => {
      const calls = [deposit(AMOUNT), deposit(2n * AMOUNT), deposit(3n * AMOUNT)];
      const receipts = await Promise.all(calls.map((call) => chain.submit(signer, call)));
      const place = { chain: chain.name, chainId: chain.chainId, gateway, isFinal: false };
      const messages = receipts.flatMap(({ logs }) => decodeLogs(logs, place).messages);
      expect(messages.map(({ index, amount }) => [index, amount / AMOUNT])).toEqual([
        [1n, 1n],
        [2n, 2n],
        [3n, 3n],
      ]);
    });

    it('takes the same signed transaction twice and includes it once', async () => {
      const signed = await chain.sign(signer, deposit(AMOUNT));
      expect(await chain.receiptOf(signed)).toBeUndefined();
      await chain.broadcast(signed);
      await chain.broadcast(signed);
      let receipt = await chain.receiptOf(signed);
      while (receipt === undefined) receipt = await chain.receiptOf(signed);
      expect(receipt.transactionHash).toBe(signed.hash);
      await chain.broadcast(signed);
      expect(await chain.receiptOf(signed)).toEqual(receipt);
    });

    it('refuses an amount with more decimals than the chain keeps', async () => {
      const submitting = chain.submit(signer, deposit(AMOUNT + 1n));
      if (opened.kind === 'ethereum') await expect(submitting).resolves.toBeDefined();
      else await expect(submitting).rejects.toMatchObject({ code: 'CHAIN_VALUE_HAS_DUST' });
    });

    it('knows the trie of a contract where its kind has tries', async () => {
      const trieId = await chain.contractTrieId(gateway);
      if (opened.kind === 'ethereum') expect(trieId).toBeUndefined();
      else expect(trieId).toMatch(/^0x[0-9a-f]{64}$/);
    });

    it('does not believe a block that no header hashes to', async () => {
      const strange = chain.blockShownBy(`0x${'12'.repeat(32)}`);
      await expect(strange).rejects.toMatchObject({
        code: 'CHAIN_UNAVAILABLE',
        meta: { chain: chain.name },
      });
    });

    it('says how long its consensus takes', async () => {
      const rule = await opened.finality.rule();
      if (rule.kind === 'casper') expect(rule).toMatchObject({ slotMs: 250, slotsPerEpoch: 8 });
      else expect(rule).toMatchObject({ blockMs: 2000 });
    });

    it('refuses a secret of another kind without repeating it', async () => {
      const secret = '//not a secret of any chain/';
      const error = await chain.signer(secret).catch((caught) => caught);
      if (opened.kind === 'ethereum') expect(error).toMatchObject({ code: 'CHAIN_SIGNER_INVALID' });
      expect(JSON.stringify(error)).not.toContain(secret);
      const stranger = { address: signer.address };
      await expect(chain.sign(stranger, deposit(AMOUNT))).rejects.toMatchObject({
        code: 'CHAIN_SIGNER_INVALID',
      });
    });

    it('proves a word of storage at a final block', async () => {
      const { blockNumber } = deposited;
      let final = await chain.finalizedHead();
      while (final.number < blockNumber) final = await chain.finalizedHead();
      expect(await chain.blockShownBy(final.hash)).toEqual(final);
      const contract = { address: gateway };
      const proof = await chain.stateProof(contract, GATEWAY_SLOTS.sentHead, final.hash);
      expect(proof.kind).toBe(opened.kind);
    });
  });
}

describeChain('Ethereum', async () => {
  const devnet = await startEthereumDevnet({ slotMs: 250 });
  const { rpcUrl, beaconUrl, chainId } = devnet;
  const urls = { url: rpcUrl, finality: beaconUrl };
  const { chain, finality } = await openChain('ethereum', BigInt(chainId), urls);
  return {
    kind: 'ethereum',
    chain,
    finality,
    secret: devnet.devAccounts[0]?.privateKey ?? '',
    close: async () => {
      await chain.close();
      await finality.close();
      await devnet.close();
    },
  };
});

describeChain('Polkadot', async () => {
  const devnet = await startManualChain();
  let isOpen = true;
  const producing = (async () => {
    while (isOpen) await devnet.produceBlock();
  })();
  const urls = { url: devnet.wsUrl, finality: devnet.wsUrl };
  const { chain, finality } = await openChain('substrate', 420420499n, urls);
  return {
    kind: 'substrate',
    chain,
    finality,
    secret: '//Ferdie',
    close: async () => {
      isOpen = false;
      await producing;
      await chain.close();
      await finality.close();
      await devnet.close();
    },
  };
});

describe('a chain that is not the configured one', () => {
  it('is refused at the start', async () => {
    const anvil = await startAnvil({ port: 0, chainId: 31337, genesisTimeSec: 1_800_000_000 });
    const urls = { url: anvil.rpcUrl, finality: anvil.rpcUrl };
    await expect(openChain('ethereum', 1n, urls)).rejects.toMatchObject({
      code: 'CHAIN_MISMATCH',
      disposition: 'halt',
    });
    await anvil.close();
  });

  it('is awaited if it does not answer', async () => {
    const nowhere = { url: 'http://127.0.0.1:9', finality: 'http://127.0.0.1:9' };
    await expect(openChain('ethereum', 1n, nowhere)).rejects.toMatchObject({
      code: 'CHAIN_UNAVAILABLE',
      disposition: 'retry',
    });
    const wsNowhere = { url: 'ws://127.0.0.1:9', finality: 'ws://127.0.0.1:9' };
    await expect(openChain('substrate', 1n, wsNowhere)).rejects.toMatchObject({
      code: 'CHAIN_UNAVAILABLE',
      disposition: 'retry',
    });
  });
});
