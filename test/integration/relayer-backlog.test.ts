import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EnclaveError } from '../../src/enclave/enclave-error.ts';
import { RemoteRefusal } from '../../src/enclave-client/enclave-client.ts';
import type { Commit } from '../../src/protocol/commit.ts';
import { anchorIdSlot } from '../../src/protocol/contracts.ts';
import type { Bridge, EnclaveLine, Side } from '../../src/relayer/bridge.ts';
import { nextInputs } from '../../src/relayer/commit/commit-next.ts';
import { confirmAnchored } from '../../src/relayer/commit/confirm-anchored.ts';
import { recordCommits, unrevealedCommits } from '../../src/relayer/journal/commits.ts';
import { saveCursor } from '../../src/relayer/journal/cursors.ts';
import { type OpenDatabase, openEmbedded } from '../../src/relayer/journal/database.ts';
import { finalMessageCount, recordMessages } from '../../src/relayer/journal/messages.ts';
import { isBehind, outboxOf } from '../../src/relayer/prove/outbox.ts';
import { proveMessages } from '../../src/relayer/prove/prove-messages.ts';
import { Serial } from '../../src/relayer/serial.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { deposit } from '../support/deposits.ts';
import {
  ANCHOR,
  BENEFICIARY,
  CLIENTS,
  EnclaveWorld,
  ETHEREUM,
  ETHEREUM_GATEWAY,
  POLKADOT,
  SUBMITTER,
  testContext,
  wordOf,
} from '../support/enclave-world.ts';
import { journaledChanges } from '../support/journaled-changes.ts';

// More messages between two provable heads than one command takes, than the enclave has room for and than a statement
// of the journal holds, with the real enclave, in this process, and the real journal. What a chain does is made up.

const MESSAGES = 25_000;
const BLOCK = 100;
const AMOUNT = 10n ** 18n;

let journal: OpenDatabase;
let world: EnclaveWorld;

beforeAll(async () => {
  journal = await openEmbedded();
  world = new EnclaveWorld(await testContext());
  const bodies = Array.from({ length: MESSAGES }, (_, i) => deposit(ETHEREUM, AMOUNT + BigInt(i)));
  world.deposit(ETHEREUM, ...bodies);
  const place = { chainId: ETHEREUM, blockNumber: 5, isFinal: true };
  const rows = bodies.map((body, i) => {
    const envelope = toHex(body.envelope);
    return { ...body, ...place, envelope, index: BigInt(i) };
  });
  await recordMessages(journal.database, rows);
  await saveCursor(journal.database, ETHEREUM, BLOCK);
});
afterAll(() => journal.close());

const line = (enclave = world): EnclaveLine => {
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
  return { client: { ask }, commanding: new Serial() } as unknown as EnclaveLine;
};

function bridge(): Bridge {
  const log = pino({ level: 'silent' });
  return {
    database: journal.database,
    log,
    clock: { nowMs: () => 1 },
  } as Partial<Bridge> as Bridge;
}

function side(enclave = world): Side {
  const proof = enclave.proveOutbox(ETHEREUM);
  const chain = {
    chainId: ETHEREUM,
    blockShownBy: async () => ({ number: BLOCK, hash: wordOf(1n) }),
    stateProof: async () => proof,
  };
  return {
    chain,
    gateway: ETHEREUM_GATEWAY,
    lightClient: CLIENTS.ethereum,
    recording: new Serial(),
  } as unknown as Side;
}

/** The commits as the anchor has logged them. */
const committed: Commit[] = [];

/** What the commit and confirm lanes do, without an anchor chain. */
async function commitAll(): Promise<void> {
  for (;;) {
    const { ledger, ...status } = await world.run('status', {});
    const inputs = nextInputs({ ledger, ...status });
    if (inputs === undefined) return;
    const proposal = { prevState: ledger.stateId, inputs: [...inputs], beneficiary: BENEFICIARY };
    const { commit } = await world.run('propose', proposal);
    committed.push(commit);
    await world.confirm(commit);
  }
}

const known = async () => outboxOf(await world.run('status', {}), ETHEREUM);

it('a backlog of any length is proven, taken as there is room for it, and recovered after a restart', async () => {
  const place = side();
  await proveMessages(bridge(), line(), place);
  const first = await known();
  expect(first?.ahead).not.toBeNull();
  expect(first?.position.count).toBeGreaterThan(10_000n);
  await commitAll();
  world.restart();
  let rounds = 0;
  while (isBehind(await world.run('status', {}), ETHEREUM, BigInt(MESSAGES))) {
    await proveMessages(bridge(), line(), place);
    await commitAll();
    rounds += 1;
  }
  expect(rounds).toBeLessThan(4);
  expect(await known()).toMatchObject({ position: { count: BigInt(MESSAGES) }, ahead: null });
  const { ledger } = await world.run('status', {});
  expect(ledger.inputs.find(({ chainId }) => chainId === ETHEREUM)?.count).toBe(BigInt(MESSAGES));
  expect(await finalMessageCount(journal.database, ETHEREUM)).toBe(BigInt(MESSAGES));
  const changes = await journaledChanges(journal.database);
  expect(changes.filter(({ state }) => state === 'verified')).toHaveLength(MESSAGES);
});

/** The anchor's chain as it is shown to an enclave; notes whose state was asked to be proven. */
function anchorSide(enclave: EnclaveWorld, proven: bigint[]): Side {
  const chain = {
    chainId: POLKADOT,
    blockShownBy: async () => ({ number: BLOCK, hash: wordOf(1n) }),
    stateProof: async (_: unknown, slot: Hex) => {
      const commit = committed.find(({ number }) => anchorIdSlot(number) === slot);
      if (commit === undefined) throw new Error('the anchor has no such commit');
      proven.push(commit.number);
      return enclave.proveAnchor(commit).proof;
    },
  };
  const signer = { address: SUBMITTER };
  return { chain, signer, lightClient: CLIENTS.polkadot } as unknown as Side;
}

/** The confirm lane over one enclave, which knows all finality there is. */
function confirming(enclave: EnclaveWorld, proven: bigint[]): Bridge {
  const anchor = anchorSide(enclave, proven);
  const sides = [{ ...side(enclave), signer: { address: SUBMITTER } }, anchor];
  const source = { follow: async function* () {}, overtaken: new Set() };
  const part = {
    ...bridge(),
    sides,
    anchor: { side: anchor, address: ANCHOR },
    enclaves: [line(enclave)],
    finality: new Map(Object.values(CLIENTS).map((id) => [id, source])),
  };
  return part as unknown as Bridge;
}

it('an enclave that starts with nothing after more than it has room for comes up, with the same batches', async () => {
  const seen = { blockNumber: BLOCK, blockHash: wordOf(1n), transactionHash: wordOf(3n) };
  await recordCommits(
    journal.database,
    committed.map((commit) => ({ ...commit, ...seen, isFinal: true })),
  );
  const second = new EnclaveWorld(world.context);
  second.outboxes.set(ETHEREUM, world.outboxes.get(ETHEREUM) ?? []);
  const proven: bigint[] = [];
  await confirmAnchored(confirming(second, proven));

  const { ledger } = await world.run('status', {});
  expect((await second.run('status', {})).ledger).toEqual(ledger);
  // One proof where the room ended, one at the end.
  expect(proven).toEqual([2n, ledger.number]);
  expect(await unrevealedCommits(journal.database, ledger.number)).toEqual([]);
  for (const { number } of committed) {
    const { batches } = await second.reveal(number);
    expect(batches.length).toBeGreaterThan(0);
    expect(batches).toEqual((await world.reveal(number)).batches);
  }
});
