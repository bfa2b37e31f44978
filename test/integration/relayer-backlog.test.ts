import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ANCHOR_ABI } from '../../src/chains/shared/abi.ts';
import type {
  ChainCall,
  ProvenContract,
  SigningTerms,
} from '../../src/chains/shared/bridged-chain.ts';
import { type CommitSeen, decodeLogs } from '../../src/chains/shared/decode-logs.ts';
import { DEFAULT_CEILINGS } from '../../src/chains/shared/fee-ceilings.ts';
import { EnclaveError } from '../../src/enclave/enclave-error.ts';
import { RemoteRefusal } from '../../src/enclave-client/enclave-client.ts';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import { ANCHOR_SLOTS, anchorIdSlot, GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import type { Bridge, EnclaveLine, Side } from '../../src/relayer/bridge.ts';
import { commitRounds } from '../../src/relayer/commit/commit-rounds.ts';
import { confirmAnchored } from '../../src/relayer/commit/confirm-anchored.ts';
import { commitOf, lastFinalCommit, recordCommits } from '../../src/relayer/journal/commits.ts';
import { recordControl } from '../../src/relayer/journal/control-messages.ts';
import { cursorBefore, saveCursor } from '../../src/relayer/journal/cursors.ts';
import { type OpenDatabase, openEmbedded } from '../../src/relayer/journal/database.ts';
import { recordMessages } from '../../src/relayer/journal/messages.ts';
import { StatusBoard } from '../../src/relayer/quorum/status-board.ts';
import { Serial } from '../../src/relayer/serial.ts';
import { keepSnapshot } from '../../src/relayer/snapshot/keep-snapshot.ts';
import { Vitals } from '../../src/relayer/vitals.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { deposit } from '../support/deposits.ts';
import {
  ANCHOR,
  BENEFICIARY,
  CLIENTS,
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  ETHEREUM_GATEWAY,
  POLKADOT,
  POLKADOT_GATEWAY,
  RATE,
  START_SEC,
  SUBMITTER,
  TERMS,
  testContext,
  wordOf,
} from '../support/enclave-world.ts';
import { journaledChanges } from '../support/journaled-changes.ts';
import { quorumOf } from '../support/quorum.ts';

// The commit and confirm lanes with the real journal and the real enclave, in this process. Only what chains do is made
// up: the deposits are there from the beginning, and a commit is final as soon as it is submitted.

const MESSAGES = 12_500;
const PER_ROUND = 2500;
const BLOCK = 100;
const AMOUNT = 10n ** 18n;
const PLACE = { blockNumber: 5, isFinal: true };

let journal: OpenDatabase;
let world: EnclaveWorld;

beforeAll(async () => {
  journal = await openEmbedded();
  world = new EnclaveWorld(testContext());
  const asset = assetId(ETHEREUM, NATIVE_TOKEN);
  world.govern({ kind: 'registerAsset', asset, ...TERMS });
  world.govern({ kind: 'setRate', asset, chainId: POLKADOT, rate: RATE });
  const said = world.governance.map((body, i) => ({
    ...body,
    ...PLACE,
    payload: toHex(body.payload),
    index: BigInt(i),
  }));
  await recordControl(journal.database, said);
  const bodies = Array.from({ length: MESSAGES }, (_, i) => {
    const sentAtSec = cutOf(ETHEREUM, BigInt(2 + Math.floor(i / PER_ROUND)));
    return deposit(ETHEREUM, AMOUNT + BigInt(i), { sentAtSec });
  });
  world.deposit(ETHEREUM, ...bodies);
  const rows = bodies.map((body, i) => {
    const envelope = toHex(body.envelope);
    return { ...body, ...PLACE, envelope, chainId: ETHEREUM, index: BigInt(i) };
  });
  await recordMessages(journal.database, rows);
  for (const chainId of [ETHEREUM, POLKADOT]) {
    await saveCursor(journal.database, chainId, cursorBefore(BLOCK + 1));
  }
});
afterAll(() => journal.close());

/** An enclave that begins with nothing, on the same chains. */
function newcomer(): EnclaveWorld {
  const enclave = new EnclaveWorld(world.context);
  for (const [chainId, bodies] of world.outboxes) enclave.outboxes.set(chainId, bodies);
  enclave.governance.push(...world.governance);
  return enclave;
}

function line(enclave: EnclaveWorld): EnclaveLine {
  // A refusal comes over the pipe as the client gives it.
  const ask = async (...args: Parameters<EnclaveWorld['run']>) => {
    try {
      return await enclave.run(...args);
    } catch (error) {
      if (!(error instanceof EnclaveError)) throw error;
      const { code, disposition, message } = error;
      throw new RemoteRefusal(args[0], { code, disposition, message, meta: {} });
    }
  };
  const client = { ask };
  return { name: 'enclave-1', client, commanding: new Serial() } as unknown as EnclaveLine;
}

/** What a chain proves to an enclave, at the time that all rounds with deposits are complete. */
async function prove(enclave: EnclaveWorld, chainId: bigint, contract: ProvenContract, slot: Hex) {
  enclave.nowSec = BigInt(START_SEC) + 60n;
  if (contract.address !== ANCHOR) {
    if (slot === GATEWAY_SLOTS.sentHead) return enclave.proveOutbox(chainId);
    return enclave.proveGateway(chainId, slot, new Map([[slot, wordOf(0n)]]));
  }
  if (slot === ANCHOR_SLOTS.controlHead) return enclave.proveControl();
  for (let number = 1n; ; number++) {
    const commit = await commitOf(journal.database, number);
    if (commit === undefined) throw new Error('the anchor has no such commit');
    if (anchorIdSlot(number) === slot) return enclave.proveAnchor(commit).proof;
  }
}

async function anchoredState(): Promise<Hex> {
  const last = await lastFinalCommit(journal.database);
  const commit = last === undefined ? undefined : await commitOf(journal.database, last);
  return commit?.postState ?? newcomer().ledger.stateId;
}

/** What the anchor logs of the commit that it is called with. */
function commitsIn(raw: Hex): readonly CommitSeen[] {
  const [{ number, postState, prevState, round, asOf, inputs, control, paid, beneficiary }] =
    ANCHOR_ABI.decodeFunctionData('commit', raw);
  const args = [number, postState, prevState, round, asOf, inputs, control, paid, beneficiary];
  const { topics, data } = ANCHOR_ABI.encodeEventLog('Committed', args);
  const at = {
    blockNumber: BLOCK,
    blockHash: wordOf(1n),
    logIndex: 0,
    transactionHash: wordOf(2n),
  };
  const log = { address: ANCHOR, topics: topics as Hex[], data: data as Hex, ...at };
  const place = { chain: 'other', chainId: POLKADOT, gateway: POLKADOT_GATEWAY, isFinal: true };
  return decodeLogs([log], place).commits;
}

async function anchorWord(slot: Hex): Promise<Hex> {
  if (slot === ANCHOR_SLOTS.stateId) return await anchoredState();
  const last = (await lastFinalCommit(journal.database)) ?? 0n;
  return slot === anchorIdSlot(last) ? await anchoredState() : wordOf(0n);
}

let submitted = 0;

function sideOf(enclave: EnclaveWorld, chainId: bigint): Side {
  const isEthereum = chainId === ETHEREUM;
  const chain = {
    chainId,
    name: `${chainId}`,
    head: async () => ({ number: BLOCK, hash: wordOf(1n) }),
    blockShownBy: async () => ({ number: BLOCK, hash: wordOf(1n) }),
    blockTimeSec: async () => BigInt(START_SEC) + 60n,
    word: async (contract: Hex, slot: Hex) => (contract === ANCHOR ? anchorWord(slot) : wordOf(0n)),
    stateProof: (contract: ProvenContract, slot: Hex) => prove(enclave, chainId, contract, slot),
    sign: async (_: unknown, { data }: ChainCall, { nonce = -1 }: SigningTerms) => {
      return { hash: wordOf(BigInt(nonce + 1)), nonce, raw: data, signedAt: BLOCK, costWei: 0n };
    },
    broadcast: async ({ raw }: { raw: Hex }) => {
      submitted += 1;
      await recordCommits(journal.database, commitsIn(raw));
    },
    receiptOf: async () => ({ blockNumber: BLOCK }),
    setupOf: async () => undefined,
    nonceOf: async () => submitted,
  };
  return {
    chain,
    gateway: isEthereum ? ETHEREUM_GATEWAY : POLKADOT_GATEWAY,
    lightClient: isEthereum ? CLIENTS.ethereum : CLIENTS.polkadot,
    lagSec: isEthereum ? 26n : 6n,
    fromBlock: 1,
    signer: { address: SUBMITTER },
    recording: new Serial(),
    submitting: new Serial(),
    limits: { ceilings: DEFAULT_CEILINGS, dayWei: 1n, leastBalanceWei: 0n, inFlight: 1 },
  } as unknown as Side;
}

/** A relayer of one enclave. */
function bridgeOf(enclave: EnclaveWorld): Bridge {
  const sides = [sideOf(enclave, ETHEREUM), sideOf(enclave, POLKADOT)] as const;
  const enclaves = [line(enclave)] as const;
  const vitals = new Vitals();
  const source = { follow: async function* () {}, overtaken: new Set() };
  return {
    sides,
    anchor: { side: sides[1], address: ANCHOR },
    enclaves,
    board: new StatusBoard(enclaves, vitals),
    quorum: quorumOf(),
    vitals,
    finality: new Map(Object.values(CLIENTS).map((id) => [id, source])),
    schedule: { startSec: BigInt(START_SEC), roundSec: 4n },
    beneficiary: BENEFICIARY,
    database: journal.database,
    log: pino({ level: 'silent' }),
    clock: { nowMs: () => 1 },
    pollMs: 1,
    holder: 'a test',
    signal: new AbortController().signal,
  } as unknown as Bridge;
}

const consumed = (enclave: EnclaveWorld) =>
  enclave.ledger.state.chains.find(({ chainId }) => chainId === ETHEREUM)?.inbox.count;

it('a backlog of many rounds is proven, committed whole round by whole round, and gone on with after a restart', async () => {
  const bridge = bridgeOf(world);
  let commits = 0;
  while (consumed(world) !== BigInt(MESSAGES)) {
    await commitRounds(bridge);
    if (commits === 0) world.restart();
    await confirmAnchored(bridge, bridge.enclaves[0]);
    commits += 1;
    expect(world.ledger.state.number).toBe(BigInt(commits));
    expect(Number(consumed(world)) % PER_ROUND).toBe(0);
  }
  expect(commits).toBeLessThan(8);
  const changes = await journaledChanges(journal.database);
  expect(changes.filter(({ state }) => state === 'verified')).toHaveLength(MESSAGES);
});

it('an enclave that starts with nothing computes all that was committed, with the same batches', async () => {
  const second = newcomer();
  const bridge = bridgeOf(second);
  await confirmAnchored(bridge, bridge.enclaves[0]);
  expect(second.ledger.stateId).toBe(world.ledger.stateId);
  const { batches } = await second.reveal(POLKADOT);
  expect(batches.length).toBeGreaterThan(0);
  expect(batches).toEqual((await world.reveal(POLKADOT)).batches);
});

it('one that starts with a snapshot computes nothing, and has them too', async () => {
  await keepSnapshot(bridgeOf(world));
  const third = newcomer();
  const bridge = bridgeOf(third);
  await confirmAnchored(bridge, bridge.enclaves[0]);
  expect(third.ledger.stateId).toBe(world.ledger.stateId);
  const status = await third.run('status', {});
  // Nothing of the messages was shown to it.
  expect(status.ingested.map(({ scanned }) => scanned.count)).toEqual([BigInt(MESSAGES), 0n]);
  expect(await third.reveal(POLKADOT)).toEqual(await world.reveal(POLKADOT));
});
