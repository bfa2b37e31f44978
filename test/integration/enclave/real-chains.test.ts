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
import { ANCHOR_SLOTS, anchorIdSlot, GATEWAY_SLOTS } from '../../../src/protocol/contracts.ts';
import type { ControlBody } from '../../../src/protocol/control.ts';
import type { LightClientStatus } from '../../../src/protocol/enclave-commands.ts';
import type { MessageBody } from '../../../src/protocol/message.ts';
import type { DepositOrder } from '../../../src/protocol/order.ts';
import { consumingRound, lastCompleteRound } from '../../../src/protocol/rounds.ts';
import type { StateProof } from '../../../src/protocol/state-proof.ts';
import { payoutTag } from '../../../src/protocol/tag.ts';
import { fromHex, type Hex } from '../../../src/shared/bytes.ts';
import { verifyLines } from '../../../src/verify/verify-lines.ts';
import { RefusedError, TestClient } from '../../support/enclave-client.ts';
import { wordOf } from '../../support/enclave-world.ts';

// One sealed transfer over real finality, real proofs and real contracts, the enclave killed in the middle.

const RECIPIENT: Hex = `0x${'ab'.repeat(20)}`;
const AMOUNT = 10n ** 18n;
/** What the order sends on; the rest stays in its account. */
const LEG = AMOUNT / 2n;
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
  const config = devnetConfigSchema.parse({ folder, slotMs: 1000, setChangeIntervalBlocks: 10 });
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
});

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
  const logs = await chain.logs({ addresses: [gateway], fromBlock: 0, toBlock });
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

async function fetchControl(toBlock: number): Promise<ControlBody[]> {
  const address = world.deployment.anchor.address;
  const logs = await polkadot.chain.logs({ addresses: [address], fromBlock: 0, toBlock });
  return logs.flatMap(({ topics, data }) => {
    const event = ANCHOR_ABI.parseLog({ topics: [...topics], data });
    if (event?.name !== 'ControlSent') return [];
    const { sentAtSec, round, kind, payload } = event.args;
    return [{ sentAtSec, round, kind: Number(kind), payload: fromHex(payload) }];
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

/** Shows that nothing was sent on the Polkadot side, and all that governance has said there. */
async function ingestPolkadot({ number, hash }: BlockRef): Promise<void> {
  const { chain, gateway } = polkadot;
  const sent = await chain.stateProof(await provenContract(gateway), GATEWAY_SLOTS.sentHead, hash);
  const nothing = { chainId: chain.chainId, fromIndex: 0n, messages: [] };
  await client.call('ingest', { ...nothing, proof: sent });
  const anchor = await provenContract(world.deployment.anchor.address);
  const proof = await chain.stateProof(anchor, ANCHOR_SLOTS.controlHead, hash);
  const { position } = (await client.call('status', {})).control;
  const messages = (await fetchControl(number)).slice(Number(position.count));
  await client.call('ingestControl', { fromIndex: position.count, messages, proof });
}

/** Shows both chains at final blocks so late that the round is complete. */
async function reach(round: bigint): Promise<void> {
  const lagOf = (name: string) =>
    BigInt(measured.chains.find((each) => each.name === name)!.lagSec);
  const schedule = {
    startSec: BigInt(measured.rounds.startSec),
    roundSec: BigInt(measured.rounds.roundSec),
  };
  const complete = (name: string, atSec: bigint) =>
    lastCompleteRound(schedule, lagOf(name), atSec) >= round;
  const at = { ethereum: await advance(ethereum, 0), polkadot: await advance(polkadot, 0) };
  for (;;) {
    await ingestEthereum(at.ethereum);
    await ingestPolkadot(at.polkadot);
    const { ingested, control } = await client.call('status', {});
    const [first, second] = ingested.map(({ provenAtSec }) => provenAtSec);
    const isOnOther = complete('polkadot', second!) && complete('polkadot', control.provenAtSec);
    if (complete('ethereum', first!) && isOnOther) return;
    at.ethereum = await advance(ethereum, at.ethereum.number + 1);
    at.polkadot = await advance(polkadot, at.polkadot.number + 1);
  }
}

/** What a relayer would propose on a state: all that is proven. */
async function questionOf(prevState: Hex, round: bigint) {
  const { control } = await client.call('status', {});
  const asked = { asOf: control.provenAtSec, control: control.position.count, paid: [] };
  return { prevState, round, ...asked, beneficiary: wordOf(9n) };
}

describe('a sealed deposit on real chains', () => {
  let block: BlockRef;
  let depositBlock = 0;

  it('is taken in under a finalized execution block', async () => {
    const { chain, gateway, registry } = ethereum;
    const signer = await chain.signer(world.secretOf(ACCOUNTS.depositor.ethereum));
    const order: DepositOrder = {
      account: wordOf(7n),
      legs: [
        {
          mode: 'direct',
          chainId: polkadot.chain.chainId,
          recipient: wordOf(BigInt(RECIPIENT)),
          amount: LEG,
          crowd: 1,
        },
      ],
      notBefore: 0n,
      patience: 0n,
      afterPatience: 'return',
      tagSecret,
      memo: new Uint8Array(),
    };
    const { receipt } = await makeDeposit(
      { chain, signer, gateway, registry },
      {
        asset: assetOf(world.deployment, 'ETH').asset,
        token: NATIVE_TOKEN,
        amount: AMOUNT,
        destination: 0n,
        content: { kind: 'sealed', order, rng: systemRng },
      },
    );
    depositBlock = receipt.blockNumber;
    block = await advance(ethereum, depositBlock);
    await ingestEthereum(block);
    const status = await client.call('status', {});
    expect(status.ingested.map(({ position }) => position.count)).toEqual([1n, 0n]);
  });

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
  });

  it('is committed, survives a kill -9, and is released once the commit is final', async () => {
    const { stateId } = (await client.call('status', {})).ledger;
    const { chain } = polkadot;
    const relayer = await chain.signer(world.secretOf(ACCOUNTS.relayer.substrate));
    const [message] = await fetchMessages(depositBlock);
    const { startSec, roundSec } = measured.rounds;
    const schedule = { startSec: BigInt(startSec), roundSec: BigInt(roundSec) };
    const lagSec = BigInt(measured.chains.find(({ name }) => name === 'ethereum')!.lagSec);
    const round = consumingRound(schedule, lagSec, message!.sentAtSec);
    const early = await client.call('propose', await questionOf(stateId, round)).catch((e) => e);
    expect(early.remote).toMatchObject({ code: 'ENCLAVE_ROUND_INCOMPLETE', disposition: 'retry' });
    await reach(round);
    const question = await questionOf(stateId, round);
    const { commit } = await client.call('propose', question);
    expect(commit.inputs.map(({ count }) => count)).toEqual([1n, 0n]);
    const signed = await client.call('signCommit', { postState: commit.postState });
    const anchor = world.deployment.anchor.address;
    const call = [{ ...signed.commit, epoch: signed.epoch }, [signed.signature]];
    const data = ANCHOR_ABI.encodeFunctionData('commit', call) as Hex;
    const { blockNumber } = await chain.submit(relayer, { to: anchor, data, valueWei: 0n });

    const outstanding = { chainId: chain.chainId, firstIndex: 0n, submitter: relayer.address };
    expect((await client.call('reveal', outstanding)).batches).toEqual([]);

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

    await ingestEthereum(await advance(ethereum, block.number));
    await ingestPolkadot(at);
    expect((await client.call('propose', question)).commit).toEqual(commit);
    expect(await anchored(1n)).toEqual({ number: 1n, stateId: commit.postState });
    const { batches } = await client.call('reveal', outstanding);
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
    const [fee] = batches.flatMap(({ batch }) => batch.fees);
    expect(amount).toBe(LEG - fee!.amount);
    const status = await client.call('status', {});
    expect(status.ledger).toMatchObject({ number: 1n, round });
  });

  it('left a record of the proofs that were accepted, which holds for whoever checks it', async () => {
    const lines = readFileSync(join(folder, 'evidence.jsonl'), 'utf8').trim().split('\n');
    const [first, ...rest] = lines.map((line) => JSON.parse(line));
    expect(first).toEqual({ measured });
    const commands = new Set(rest.map(({ command }) => command));
    expect([...commands].sort()).toEqual([
      'advance',
      'bootstrap',
      'confirmAnchored',
      'ingest',
      'ingestControl',
    ]);
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
