import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNTS } from '../../../devnet/accounts.ts';
import { devnetConfigSchema } from '../../../devnet/config.ts';
import { assetOf } from '../../../devnet/demo-assets.ts';
import { startWorld, type World } from '../../../devnet/world.ts';
import { loadAdapter } from '../../../src/chains/kinds.ts';
import { ANCHOR_ABI, GATEWAY_ABI } from '../../../src/chains/shared/abi.ts';
import type {
  BlockRef,
  BridgedChain,
  ProvenContract,
} from '../../../src/chains/shared/bridged-chain.ts';
import type { FinalitySource } from '../../../src/chains/shared/finality-source.ts';
import { makeDeposit } from '../../../src/client/deposit.ts';
import {
  type EnclaveHost,
  type MeasuredConfigJson,
  startEnclaveHost,
} from '../../../src/enclave/platform/host.ts';
import { systemRng } from '../../../src/enclave/platform/rng.ts';
import { NATIVE_TOKEN } from '../../../src/protocol/asset.ts';
import { anchorIdSlot, GATEWAY_SLOTS } from '../../../src/protocol/contracts.ts';
import type { LightClientStatus } from '../../../src/protocol/enclave-commands.ts';
import type { MessageBody } from '../../../src/protocol/message.ts';
import type { StateProof } from '../../../src/protocol/state-proof.ts';
import { payoutTag } from '../../../src/protocol/tag.ts';
import { fromHex, type Hex } from '../../../src/shared/bytes.ts';
import { verifyLines } from '../../../src/verify/verify-lines.ts';
import { RefusedError, TestClient } from '../../support/enclave-client.ts';
import { wordOf } from '../../support/enclave-world.ts';

// One sealed transfer over real finality, real proofs and real contracts, the enclave killed in the middle.

const RECIPIENT: Hex = `0x${'ab'.repeat(20)}`;
const AMOUNT = 10n ** 18n;
const folder = mkdtempSync(join(tmpdir(), 'veilspan-real-'));
const tagSecret = systemRng.bytes(32);

let world: World;
let host: EnclaveHost;
let client: TestClient;
/** A chain with what its enclave's light client of it follows. */
interface Side {
  readonly chain: BridgedChain;
  readonly finality: FinalitySource;
  /** Id of the light client. */
  readonly id: string;
  readonly gateway: Hex;
  readonly registry: Hex;
}
let ethereum: Side;
let polkadot: Side;
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
  ethereum = await openSide('ethereum');
  polkadot = await openSide('polkadot');
  await world.admit(await client.call('status', {}));
}, 120_000);

afterAll(async () => {
  client?.close();
  await host?.close();
  for (const side of [ethereum, polkadot]) {
    await side?.chain.close();
    await side?.finality.close();
  }
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

const pause = () => new Promise((resolve) => setTimeout(resolve, 200));

async function openSide(name: string): Promise<Side> {
  const config = world.client.chains.find((each) => each.name === name)!;
  const { id, url } = world.client.lightClients.find((each) => each.id === config.lightClient)!;
  const adapter = await loadAdapter(config.kind);
  const finality = await adapter.openFinality({ client: id, url });
  const chain = await adapter.openChain({ ...config, pollMs: 100 }, finality);
  const { gateway, registry } = config;
  return { chain, finality, id, gateway, registry };
}

/** A contract of the Polkadot side as its proofs need it. */
async function provenContract(address: Hex): Promise<ProvenContract> {
  const trieId = await polkadot.chain.contractTrieId(address);
  return { address, ...(trieId && { trieId }) };
}

async function statusOf(id: string): Promise<LightClientStatus> {
  return (await client.call('status', {})).lightClients.find((each) => each.client === id)!;
}

/** Takes the enclave's light client on until it holds this block, or a later one. */
async function advance({ chain, finality, id }: Side, atLeast: number): Promise<BlockRef> {
  for (;;) {
    const { held } = await statusOf(id);
    const block = held === null ? undefined : await chain.blockShownBy(held);
    if (block !== undefined && block.number >= atLeast) return block;
    const steps = finality.follow(await statusOf(id));
    for (let step = await steps.next(); !step.done; step = await steps.next(await statusOf(id))) {
      const { command, params } = step.value;
      await client.call(command, params).catch((error: RefusedError) => {
        if (!finality.overtaken.has(error.remote.code)) throw error;
      });
    }
    await pause();
  }
}

async function fetchMessages(toBlock: number): Promise<MessageBody[]> {
  const { chain, gateway } = ethereum;
  const logs = await chain.logs({ address: gateway, fromBlock: 0, toBlock });
  return logs.flatMap(({ topics, data }) => {
    const event = GATEWAY_ABI.parseLog({ topics: [...topics], data });
    if (event?.name !== 'Deposited') return [];
    const { sender, refundTo, sentAtSec, asset, amount, fee, destination, envelope } = event.args;
    return [
      {
        sentAtSec,
        sender: sender.toLowerCase(),
        refundTo: refundTo.toLowerCase(),
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
  const { chain, gateway } = ethereum;
  const { chainId } = chain;
  const { ingested } = await client.call('status', {});
  const fromIndex = ingested.find((each) => each.chainId === chainId)?.position.count ?? 0n;
  const messages = (await fetchMessages(block.number)).slice(Number(fromIndex));
  const proof = await chain.stateProof({ address: gateway }, GATEWAY_SLOTS.sentHead, block.hash);
  await client.call('ingest', { chainId, fromIndex, messages, proof });
}

describe('a sealed deposit on real chains', () => {
  let block: BlockRef;
  let depositBlock = 0;

  it('is taken in under a finalized execution block', async () => {
    const { chain, gateway, registry } = ethereum;
    const signer = await chain.signer(world.secretOf(ACCOUNTS.depositor.ethereum));
    const order = {
      payouts: [{ recipient: RECIPIENT, amount: 0n }],
      delaySec: 0,
      leastAnonymitySet: 0,
      refundAddress: NATIVE_TOKEN,
      tagSecret,
      memo: new Uint8Array(),
    };
    const { receipt } = await makeDeposit(
      { chain, signer, gateway, registry },
      {
        asset: assetOf(world.deployment, 'ETH').asset,
        token: NATIVE_TOKEN,
        amount: AMOUNT,
        destination: polkadot.chain.chainId,
        content: { kind: 'sealed', order, rng: systemRng },
      },
    );
    depositBlock = receipt.blockNumber;
    block = await advance(ethereum, depositBlock);
    await ingestEthereum(block);
    const status = await client.call('status', {});
    expect(status.ingested.map(({ position }) => position.count)).toEqual([1n, 0n]);
  }, 120_000);

  it('is refused with the proof of another slot, account, block or chain', async () => {
    const { chain, gateway, registry } = ethereum;
    const { chainId } = chain;
    const attempt = async (proof: StateProof) => {
      const question = { chainId, fromIndex: 1n, messages: [], proof };
      const error = await client.call('ingest', question).catch((e) => e);
      expect(error).toBeInstanceOf(RefusedError);
      return (error as RefusedError).remote.code;
    };
    const slot = GATEWAY_SLOTS.sentHead;
    const count = await chain.stateProof({ address: gateway }, GATEWAY_SLOTS.sentCount, block.hash);
    expect(await attempt(count)).toMatch(/^TRIE_/);
    const other = await chain.stateProof({ address: registry }, slot, block.hash);
    expect(await attempt(other)).toMatch(/^TRIE_/);
    const { hash: head } = await chain.head();
    const notFinal = await chain.stateProof({ address: gateway }, slot, head);
    expect(await attempt(notFinal)).toBe('STATE_PROOF_BLOCK_UNKNOWN');
    const { hash } = await advance(polkadot, 1);
    const contract = await provenContract(polkadot.gateway);
    expect(await attempt(await polkadot.chain.stateProof(contract, slot, hash))).toBe(
      'ENCLAVE_PROOF_OF_OTHER_CHAIN',
    );
  }, 60_000);

  it('is committed, survives a kill -9, and is released once the commit is final', async () => {
    const { stateId } = (await client.call('status', {})).ledger;
    const { chain } = polkadot;
    const relayer = await chain.signer(world.secretOf(ACCOUNTS.relayer.substrate));
    const inputs = [
      { chainId: ethereum.chain.chainId, count: 1n },
      { chainId: chain.chainId, count: 0n },
    ];
    const question = { prevState: stateId, inputs, beneficiary: wordOf(BigInt(relayer.address)) };
    const { commit } = await client.call('propose', question);
    const signed = await client.call('signCommit', { postState: commit.postState });
    const anchor = world.deployment.anchor.address;
    const call = [{ ...signed.commit, epoch: signed.epoch }, [signed.signature]];
    const data = ANCHOR_ABI.encodeFunctionData('commit', call) as Hex;
    const { blockNumber } = await chain.submit(relayer, { to: anchor, data, valueWei: 0n });

    const submitters = [{ chainId: chain.chainId, submitter: relayer.address }];
    const revealed = () => client.call('reveal', { number: 1n, submitters });
    const early = await revealed().catch((error) => error);
    expect(early.remote).toMatchObject({ code: 'ENCLAVE_NOT_FINAL', disposition: 'retry' });

    const pid = host.enclavePid!;
    process.kill(pid, 'SIGKILL');
    while (host.enclavePid === undefined || host.enclavePid === pid) await pause();
    await advance(ethereum, depositBlock);
    const at = await advance(polkadot, blockNumber);
    const contract = await provenContract(anchor);
    const anchored = async (number: bigint) => {
      const proof = await chain.stateProof(contract, anchorIdSlot(number), at.hash);
      return await client.call('confirmAnchored', { number, proof });
    };
    expect(await anchored(0n)).toEqual({ number: 0n, stateId });
    const unknown = await anchored(1n).catch((error) => error);
    expect(unknown.remote).toMatchObject({ code: 'ENCLAVE_ANCHOR_UNKNOWN' });
    const uncommitted = await anchored(2n).catch((error) => error);
    expect(uncommitted.remote).toMatchObject({
      code: 'ENCLAVE_NOT_ANCHORED',
      disposition: 'retry',
    });

    await ingestEthereum(block);
    expect((await client.call('propose', question)).commit).toEqual(commit);
    expect(await anchored(1n)).toEqual({ number: 1n, stateId: commit.postState });
    const { batches } = await revealed();
    const tag = payoutTag(tagSecret, 0);
    const paid = batches.flatMap(({ batch }) => batch.releases);
    expect(paid.find((release) => release.tag === tag)).toMatchObject({ recipient: RECIPIENT });

    for (const { batch, submitter, epoch, signature } of batches) {
      const release = [{ ...batch, epoch, submitter }, [signature]];
      await chain.submit(relayer, {
        to: polkadot.gateway,
        data: GATEWAY_ABI.encodeFunctionData('release', release) as Hex,
        valueWei: 0n,
      });
    }
    const balance = await chain.call(
      assetOf(world.deployment, 'ETH').addresses.get(chain.chainId)!,
      `0x70a08231${RECIPIENT.slice(2).padStart(64, '0')}`,
    );
    const amount = paid.find((release) => release.tag === tag)?.amount;
    expect(BigInt(balance)).toBe(amount);
  }, 180_000);

  it('left a record of the proofs that were accepted, which holds for whoever checks it', async () => {
    const lines = readFileSync(join(folder, 'evidence.jsonl'), 'utf8').trim().split('\n');
    const [first, ...rest] = lines.map((line) => JSON.parse(line));
    expect(first).toEqual({ measured });
    const commands = new Set(rest.map(({ command }) => command));
    expect([...commands].sort()).toEqual(['advance', 'bootstrap', 'confirmAnchored', 'ingest']);
    const knownSinceSec = BigInt(Math.floor(Date.now() / 1000));
    const said: string[] = [];
    const verifying = verifyLines(lines, { knownSinceSec });
    let next = await verifying.next();
    for (; !next.done; next = await verifying.next()) said.push(next.value);
    expect(next.value, said.at(-1)).toBe(true);
    expect(said.join('\n')).toContain(
      '1 message(s) from index 0 on replay to the proven sent head',
    );
  });
});
