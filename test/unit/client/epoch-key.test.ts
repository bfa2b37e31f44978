import { beforeEach, describe, expect, test } from 'vitest';
import type { BridgedChain, ChainCall } from '../../../src/chains/shared/bridged-chain.ts';
import { fetchEpochKey } from '../../../src/client/epoch-key.ts';
import { publishKey } from '../../../src/deploy/admit-enclave.ts';
import { loadArtifact } from '../../../src/deploy/artifacts.ts';
import type { MessageBody } from '../../../src/protocol/message.ts';
import { roundEndSec } from '../../../src/protocol/rounds.ts';
import { fromHex, type Hex, toHex } from '../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../support/async-refusal.ts';
import { RECIPIENT, REFUND_TO, sealedDeposit } from '../../support/deposits.ts';
import {
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  ETHEREUM_GATEWAY,
  POLKADOT,
  RATE,
  START_SEC,
  TEST_CONFIG,
  testContext,
} from '../../support/enclave-world.ts';

const REGISTRY: Hex = `0x${'21'.repeat(20)}`;
const KEY: Hex = `0x${'4b'.repeat(32)}`;
const { abi: COMPILED } = loadArtifact('EnclaveRegistry');

/** A registry that keeps what is published, and the calls that it was asked with. */
let asked: Hex[];
let chain: BridgedChain;

beforeEach(() => {
  asked = [];
  let published: readonly unknown[] = [0n, `0x${'00'.repeat(32)}`];
  const submit = async (_: unknown, { to, data }: ChainCall) => {
    if (to === REGISTRY) published = [...COMPILED.decodeFunctionData('publishKey', data)];
    return {};
  };
  const call = async (to: Hex, data: Hex) => {
    if (to === REGISTRY) asked.push(data);
    return COMPILED.encodeFunctionResult('currentKey', published);
  };
  // CAST: governance and wallets ask nothing else of a chain here.
  chain = { name: 'west', chainId: ETHEREUM, submit, call } as unknown as BridgedChain;
});

const publish = (key: { readonly keyEpoch: bigint; readonly epochKey: Hex }) => {
  const contracts = new Map([[ETHEREUM, { registry: REGISTRY, gateway: ETHEREUM_GATEWAY }]]);
  const bridge = { contracts, anchor: { chainId: ETHEREUM, address: REGISTRY } };
  return publishKey([{ chain, owner: { address: REFUND_TO } }], bridge, key);
};
const fetched = () => fetchEpochKey({ chain, registry: REGISTRY });

describe('the key that wallets seal to', () => {
  test('comes with its epoch in one answer, so that no change can part them', async () => {
    await publish({ keyEpoch: 7n, epochKey: KEY });
    expect(await fetched()).toEqual({ epoch: 7n, epochKey: fromHex(KEY) });
    expect(asked).toEqual([COMPILED.encodeFunctionData('currentKey')]);
  });

  test('is asked for in vain before one is published', async () => {
    expect(await asyncRefusal(fetched())).toMatchObject({
      code: 'EPOCH_KEY_UNPUBLISHED',
      disposition: 'retry',
      meta: { registry: REGISTRY },
    });
  });
});

describe('a key epoch that governance starts', () => {
  const GRACE_SEC = 8;
  const rounds = { ...TEST_CONFIG.rounds, graceSec: GRACE_SEC };
  /** The last second of epoch 1, whose last round is 3. */
  const END = roundEndSec({ startSec: BigInt(START_SEC), roundSec: BigInt(rounds.roundSec) }, 3n);
  let world: EnclaveWorld;

  beforeEach(async () => {
    world = new EnclaveWorld(testContext({ rounds }));
    await publish(await world.run('status', {}));
    await world.openLedger();
  });

  /** What a wallet deposits that has asked the registry for its key. */
  async function sealed(seed: number, sentAtSec: bigint, key = fetched()): Promise<MessageBody> {
    const { epoch, epochKey } = await key;
    const sealing = { epoch, epochKey: toHex(epochKey), seed, body: { sentAtSec } };
    return await sealedDeposit(ETHEREUM, BigInt(seed) * 1000n, sealing);
  }
  const releasesOn = async (chainId: bigint) =>
    (await world.reveal(chainId)).batches.flatMap(({ batch }) => batch.releases);

  test('reaches the wallets: what they seal opens, and only what is sealed to the old key after its grace is refunded', async () => {
    const oldKey = await fetched();
    world.govern({ kind: 'startEpoch', epoch: 2n }, { sentAtSec: cutOf(POLKADOT, 2n), round: 4n });
    await world.advance();
    expect((await world.run('status', {})).keyEpoch).toBe(1n);
    await world.advance();
    const status = await world.run('status', {});
    expect(status.keyEpoch).toBe(2n);
    await publish(status);
    expect((await fetched()).epoch).toBe(2n);
    const graceEnd = END + BigInt(GRACE_SEC);
    world.deposit(
      ETHEREUM,
      // The next second that any round can still consume: nothing later is sealed too early.
      await sealed(1, cutOf(ETHEREUM, 3n) + 1n),
      await sealed(2, graceEnd, Promise.resolve(oldKey)),
      await sealed(3, graceEnd + 1n, Promise.resolve(oldKey)),
      await sealed(4, graceEnd + 1n),
    );
    await world.advance({ round: 12n });
    const paid = await releasesOn(POLKADOT);
    expect(paid.every(({ recipient }) => recipient === RECIPIENT)).toBe(true);
    expect(new Set(paid.map(({ amount }) => amount))).toEqual(
      new Set([1000n, 2000n, 4000n].map((amount) => amount - 30n - RATE)),
    );
    expect(await releasesOn(ETHEREUM)).toMatchObject([
      { recipient: REFUND_TO, amount: 2990n, refundOf: 3n },
    ]);
  });
});
