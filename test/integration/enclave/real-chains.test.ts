import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devnetConfigSchema } from '../../../devnet/config.ts';
import { ACCOUNTS, startWorld, type World } from '../../../devnet/world.ts';
import {
  createEthereumChain,
  type EthereumChain,
} from '../../../src/chains/ethereum/ethereum-chain.ts';
import { ANCHOR_ABI, GATEWAY_ABI } from '../../../src/chains/shared/abi.ts';
import type { BlockRef } from '../../../src/chains/shared/bridged-chain.ts';
import {
  createPolkadotChain,
  type PolkadotChain,
} from '../../../src/chains/substrate/substrate-chain.ts';
import { makeDeposit } from '../../../src/client/deposit.ts';
import {
  type EnclaveHost,
  type MeasuredConfigJson,
  startEnclaveHost,
} from '../../../src/enclave/platform/host.ts';
import { systemRng } from '../../../src/enclave/platform/rng.ts';
import { NATIVE_TOKEN } from '../../../src/protocol/asset.ts';
import { ANCHOR_SLOTS, GATEWAY_SLOTS } from '../../../src/protocol/contracts.ts';
import type { EnclaveStatus } from '../../../src/protocol/enclave-commands.ts';
import type { MessageBody } from '../../../src/protocol/message.ts';
import { payoutTag } from '../../../src/protocol/tag.ts';
import { fromHex, type Hex } from '../../../src/shared/bytes.ts';
import { RefusedError, TestClient } from '../../support/enclave-client.ts';

// One sealed transfer over real finality, real proofs and real contracts, the enclave killed in the middle.

const RECIPIENT: Hex = `0x${'ab'.repeat(20)}`;
const AMOUNT = 10n ** 18n;
const folder = mkdtempSync(join(tmpdir(), 'veilspan-real-'));
const tagSecret = systemRng.bytes(32);

let world: World;
let host: EnclaveHost;
let client: TestClient;
let ethereum: EthereumChain;
let polkadot: PolkadotChain;
let measured: MeasuredConfigJson;

beforeAll(async () => {
  const config = devnetConfigSchema.parse({ folder, slotMs: 250, setChangeIntervalBlocks: 10 });
  world = await startWorld(config);
  measured = JSON.parse(readFileSync(join(folder, 'enclave.json'), 'utf8')).measured;
  execFileSync(process.execPath, ['scripts/build-enclave.mjs', join(folder, 'dist')]);
  const record = join(folder, 'evidence.jsonl');
  host = await startEnclaveHost({
    folder: join(folder, 'enclave'),
    bundle: join(folder, 'dist/enclave.mjs'),
    port: 0,
    measuredConfig: measured,
    record,
  });
  client = await TestClient.connect(host.address);
  const { ethereum: there, polkadot: here } = world.client;
  ethereum = await createEthereumChain({ ...there, chainId: BigInt(there.chainId), pollMs: 100 });
  polkadot = await createPolkadotChain({ ...here, chainId: BigInt(here.chainId), pollMs: 100 });
  await world.admit(await client.call('status', {}));
}, 120_000);

afterAll(async () => {
  client?.close();
  await host?.close();
  await Promise.all([ethereum?.close(), polkadot?.close()]);
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

const pause = () => new Promise((resolve) => setTimeout(resolve, 200));

async function advanceEthereum(atLeast: number): Promise<NonNullable<EnclaveStatus['ethereum']>> {
  for (;;) {
    const { ethereum: known } = await client.call('status', {});
    if (known !== null && known.blockNumber >= BigInt(atLeast)) return known;
    const period = Number(known?.period ?? 0n);
    const perPeriod = await ethereum.beacon.slotsPerPeriod();
    const finality = await ethereum.beacon.finalityUpdate();
    const isBehind = finality && Math.floor(finality.finalizedSlot / perPeriod) > period;
    const wanted =
      isBehind || !known?.knowsNextSyncCommittee
        ? await ethereum.beacon.lightClientUpdates(period, 2)
        : [];
    for (const { json } of [...wanted, ...(finality ? [finality] : [])]) {
      await client.call('advanceEthereum', { updates: [json] }).catch((error: RefusedError) => {
        if (!/IRRELEVANT|SIGNATURE_PERIOD/.test(error.remote.code)) throw error;
      });
    }
    await pause();
  }
}

async function advancePolkadot(atLeast: number): Promise<BlockRef> {
  for (;;) {
    const { polkadot: known } = await client.call('status', {});
    const number = Number(known.finalizedNumber);
    if (number >= atLeast) return { number, hash: known.blockHash };
    const head = await polkadot.finalizedHead();
    const fragments = await polkadot.finalityFragments(number, head.number);
    if (fragments.length > 0) {
      const bare = fragments.map(({ header, justification }) => ({ header, justification }));
      await client.call('advancePolkadot', { fragments: bare });
    }
    await pause();
  }
}

async function fetchMessages(toBlock: number): Promise<MessageBody[]> {
  const address = world.deployment.ethereum.gateway;
  const logs = await ethereum.logs({ address, fromBlock: 0, toBlock });
  return logs.flatMap(({ topics, data }) => {
    const event = GATEWAY_ABI.parseLog({ topics: [...topics], data });
    if (event?.name !== 'Deposited') return [];
    const { sender, asset, amount, fee, destination, envelope } = event.args;
    return [
      {
        sender: sender.toLowerCase(),
        asset,
        amount,
        fee,
        destination,
        envelope: fromHex(envelope),
      },
    ];
  });
}

async function ingestEthereum(block: BlockRef): Promise<void> {
  const address = world.deployment.ethereum.gateway;
  const { ingested } = await client.call('status', {});
  const known = ingested.find(({ chainId }) => chainId === ethereum.chainId)?.position.count ?? 0n;
  const messages = (await fetchMessages(block.number)).slice(Number(known));
  const proof = await ethereum.stateProof({ address }, GATEWAY_SLOTS.sentHead, block);
  await client.call('ingest', { chainId: ethereum.chainId, proof, messages });
}

describe('a sealed deposit on real chains', () => {
  let block: BlockRef;
  let depositBlock = 0;

  it('is taken in under a finalized execution block', async () => {
    const root = measured.ethereum.lightClient.checkpointRoot as Hex;
    await client.call('bootstrapEthereum', { bootstrap: await ethereum.beacon.bootstrap(root) });
    const depositor = world.devAccounts[ACCOUNTS.depositor.ethereum]!;
    const signer = await ethereum.signer(depositor.privateKey);
    const { gateway, registry } = world.deployment.ethereum;
    const order = {
      payouts: [{ recipient: RECIPIENT, amount: 0n }],
      delaySec: 0,
      leastAnonymitySet: 0,
      refundAddress: NATIVE_TOKEN,
      tagSecret,
      memo: new Uint8Array(),
    };
    const { receipt } = await makeDeposit(
      { chain: ethereum, signer, gateway, registry },
      {
        asset: world.deployment.assets.eth,
        token: NATIVE_TOKEN,
        amount: AMOUNT,
        destination: polkadot.chainId,
        content: { kind: 'sealed', order, rng: systemRng },
      },
    );
    depositBlock = receipt.blockNumber;
    const known = await advanceEthereum(depositBlock);
    block = { number: Number(known.blockNumber), hash: known.blockHash };
    await ingestEthereum(block);
    const status = await client.call('status', {});
    expect(status.ingested.map(({ position }) => position.count)).toEqual([1n, 0n]);
  }, 120_000);

  it('is refused with the proof of another slot, account, block or chain', async () => {
    const { gateway, registry } = world.deployment.ethereum;
    const chainId = ethereum.chainId;
    const attempt = async (proof: Awaited<ReturnType<typeof ethereum.stateProof>>) => {
      const error = await client.call('ingest', { chainId, proof, messages: [] }).catch((e) => e);
      expect(error).toBeInstanceOf(RefusedError);
      return (error as RefusedError).remote.code;
    };
    const slot = GATEWAY_SLOTS.sentHead;
    const count = await ethereum.stateProof({ address: gateway }, GATEWAY_SLOTS.sentCount, block);
    expect(await attempt(count)).toMatch(/^TRIE_/);
    const other = await ethereum.stateProof({ address: registry }, slot, block);
    expect(await attempt(other)).toMatch(/^TRIE_/);
    const notFinal = await ethereum.stateProof({ address: gateway }, slot, await ethereum.head());
    expect(await attempt(notFinal)).toBe('ENCLAVE_HEADER_UNKNOWN');
    const { number, hash } = await advancePolkadot(1);
    const trieId = measured.polkadot.gateway.trieId as Hex;
    const contract = { address: world.deployment.polkadot.gateway, trieId };
    expect(await attempt(await polkadot.stateProof(contract, slot, { number, hash }))).toBe(
      'ENCLAVE_PROOF_OF_OTHER_CHAIN',
    );
  }, 60_000);

  it('is committed, survives a kill -9, and is released once the commit is final', async () => {
    const { stateId } = (await client.call('status', {})).ledger;
    const relayer = await polkadot.signer(ACCOUNTS.relayer.polkadot);
    const inputs = [
      { chainId: ethereum.chainId, count: 1n },
      { chainId: polkadot.chainId, count: 0n },
    ];
    const question = { prevState: stateId, inputs, beneficiary: relayer.address };
    const { commit } = await client.call('propose', question);
    const signed = await client.call('signCommit', { postState: commit.postState });
    const { anchor } = world.deployment.polkadot;
    const call = [{ ...signed.commit, epoch: signed.epoch }, [signed.signature]];
    const data = ANCHOR_ABI.encodeFunctionData('commit', call) as Hex;
    const { blockNumber } = await polkadot.submit(relayer, { to: anchor, data, valueWei: 0n });

    const early = await client.call('reveal', { number: 1n }).catch((error) => error);
    expect(early.remote).toMatchObject({ code: 'ENCLAVE_NOT_FINAL', disposition: 'retry' });

    const pid = host.enclavePid!;
    process.kill(pid, 'SIGKILL');
    while (host.enclavePid === undefined || host.enclavePid === pid) await pause();
    await advanceEthereum(depositBlock);
    const at = await advancePolkadot(blockNumber);
    const trieId = measured.polkadot.anchor.trieId as Hex;
    const proof = await polkadot.stateProof({ address: anchor, trieId }, ANCHOR_SLOTS.stateId, at);
    const unknown = await client.call('confirmAnchored', { proof }).catch((error) => error);
    expect(unknown.remote).toMatchObject({ code: 'ENCLAVE_ANCHOR_UNKNOWN' });

    await ingestEthereum(block);
    expect((await client.call('propose', question)).commit).toEqual(commit);
    const confirmed = await client.call('confirmAnchored', { proof });
    expect(confirmed).toEqual({ number: 1n, stateId: commit.postState });
    const { batches } = await client.call('reveal', { number: 1n });
    const tag = payoutTag(tagSecret, 0);
    const paid = batches.flatMap(({ batch }) => batch.releases);
    expect(paid.find((release) => release.tag === tag)).toMatchObject({ recipient: RECIPIENT });

    for (const { batch, epoch, signature } of batches) {
      const release = [{ ...batch, epoch }, [signature]];
      await polkadot.submit(relayer, {
        to: world.deployment.polkadot.gateway,
        data: GATEWAY_ABI.encodeFunctionData('release', release) as Hex,
        valueWei: 0n,
      });
    }
    const balance = await polkadot.call(
      world.deployment.polkadot.tokens.eth,
      `0x70a08231${RECIPIENT.slice(2).padStart(64, '0')}`,
    );
    const amount = paid.find((release) => release.tag === tag)?.amount;
    expect(BigInt(balance)).toBe(amount);
  }, 180_000);

  it('left a record of the proofs that were accepted', () => {
    const lines = readFileSync(join(folder, 'evidence.jsonl'), 'utf8').trim().split('\n');
    const [first, ...rest] = lines.map((line) => JSON.parse(line));
    expect(first).toEqual({ measured });
    const commands = new Set(rest.map(({ command }) => command));
    expect([...commands].sort()).toEqual([
      'advanceEthereum',
      'advancePolkadot',
      'bootstrapEthereum',
      'confirmAnchored',
      'ingest',
    ]);
  });
});
