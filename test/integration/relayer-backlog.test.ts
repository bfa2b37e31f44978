import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Bridge, EnclaveLine, Side } from '../../src/relayer/bridge.ts';
import { nextInputs } from '../../src/relayer/commit/commit-next.ts';
import { saveCursor } from '../../src/relayer/journal/cursors.ts';
import { type OpenDatabase, openEmbedded } from '../../src/relayer/journal/database.ts';
import { finalMessageCount, recordMessages } from '../../src/relayer/journal/messages.ts';
import { isBehind, outboxOf } from '../../src/relayer/prove/outbox.ts';
import { proveMessages } from '../../src/relayer/prove/prove-messages.ts';
import { Serial } from '../../src/relayer/serial.ts';
import { toHex } from '../../src/shared/bytes.ts';
import { deposit } from '../support/deposits.ts';
import {
  BENEFICIARY,
  CLIENTS,
  EnclaveWorld,
  ETHEREUM,
  ETHEREUM_GATEWAY,
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

const line = (): EnclaveLine => {
  const ask = (...args: Parameters<EnclaveWorld['run']>) => world.run(...args);
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

function side(): Side {
  const proof = world.proveOutbox(ETHEREUM);
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

/** What the commit and confirm lanes do, without an anchor chain. */
async function commitAll(): Promise<void> {
  for (;;) {
    const { ledger, ...status } = await world.run('status', {});
    const inputs = nextInputs({ ledger, ...status });
    if (inputs === undefined) return;
    const proposal = { prevState: ledger.stateId, inputs: [...inputs], beneficiary: BENEFICIARY };
    const { commit } = await world.run('propose', proposal);
    await world.run('confirmAnchored', { proof: world.proveAnchor(commit.postState) });
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
