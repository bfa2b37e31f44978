import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sealHpke } from '../../../src/crypto/hpke.ts';
import { createEnclave, type Persist } from '../../../src/enclave/answer.ts';
import { openState } from '../../../src/enclave/platform/persistence.ts';
import { systemRng } from '../../../src/enclave/platform/rng.ts';
import { openSealedStore } from '../../../src/enclave/platform/sealed-store.ts';
import type {
  CommandName,
  CommandParams,
  CommandResult,
} from '../../../src/protocol/enclave-commands.ts';
import { decodeResponse, decodeResult, encodeBody } from '../../../src/protocol/enclave-wire.ts';
import type { MessageBody } from '../../../src/protocol/message.ts';
import type { Leg } from '../../../src/protocol/order.ts';
import { payoutTag } from '../../../src/protocol/tag.ts';
import { concatBytes, fromHex, type Hex, toBigEndian, utf8 } from '../../../src/shared/bytes.ts';
import {
  leaksInto,
  type Mark,
  markedBytes,
  markedHex,
  markOfBytes,
  markOfHex,
  markOfNumber,
  markOfText,
  marksIn,
} from '../../support/canary.ts';
import { sealedDeposit } from '../../support/deposits.ts';
import {
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  RATE,
  testContext,
} from '../../support/enclave-world.ts';

// The real enclave behind its frames and its sealed folder. One order with a leg that leaves at once and one that waits.

const padded = (address: Hex): Hex => `0x${'00'.repeat(12)}${address.slice(2)}`;

const MEMO = 'for the boat in Rotterdam';
const TAG_SECRET = markedBytes('tag secret', 32);
const ACCOUNT = markedHex('account', 32);
const RECIPIENT = markedHex('recipient', 20);
const WAITING = markedHex('waiting', 20);
const PAID = 734_219_856_107n;
const context = testContext();
const LEGS: readonly Leg[] = [
  {
    mode: 'direct',
    chainId: POLKADOT,
    recipient: padded(RECIPIENT),
    amount: PAID + RATE,
    crowd: 1,
  },
  { mode: 'pooled', chainId: POLKADOT, recipient: padded(WAITING), amount: 200n, crowd: 4 },
];
const MARKS: readonly Mark[] = [
  markOfText('memo', MEMO),
  markOfBytes('tagSecret', TAG_SECRET),
  markOfHex('account', ACCOUNT),
  markOfHex('recipient', RECIPIENT),
  markOfNumber('paid', PAID),
  markOfHex('tag', payoutTag(TAG_SECRET, 0)),
  markOfHex('waiting', WAITING),
  markOfHex('waiting', payoutTag(TAG_SECRET, 1)),
  markOfBytes('key', new Uint8Array(32).fill(7)),
  markOfBytes('key', context.keys.epochSecretOf(1n)),
  markOfBytes('key', context.keys.ledgerSecretOf(1n)),
  markOfBytes('key', context.keys.snapshotKey),
];

/** A world that speaks to the enclave by frames and has it seal its state; what it answers is kept. */
class FramedWorld extends EnclaveWorld {
  /** All answers since it was last emptied. */
  readonly answers: Uint8Array[] = [];
  readonly #persist: Persist;

  constructor(folder: string) {
    super(context);
    const store = openSealedStore(folder, context.measurement, systemRng);
    this.#persist = openState(store, context).persist;
  }

  override async run<N extends CommandName>(
    command: N,
    params: CommandParams<N>,
  ): Promise<CommandResult<N>> {
    const enclave = createEnclave(context, this.state, (was, is) => {
      this.#persist(was, is);
      this.state = is;
    });
    const answer = await enclave.answer(encodeBody({ id: 1, command, params }));
    this.answers.push(answer);
    const response = decodeResponse(answer.subarray(4));
    if (!response.ok) throw new Error(response.error.code);
    return decodeResult(command, response.result);
  }
}

async function markedDeposit(round: bigint): Promise<MessageBody> {
  const order = { account: ACCOUNT, legs: LEGS, tagSecret: TAG_SECRET, memo: utf8(MEMO) };
  const sealing = { epoch: 1n, epochKey: await context.keys.epochKeyOf(1n), seed: Number(round) };
  const body = { sentAtSec: cutOf(ETHEREUM, round) };
  return sealedDeposit(ETHEREUM, 2n * PAID, { ...sealing, order, body });
}

describe('an enclave behind its frames and its sealed folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-canary-'));
  let world: FramedWorld;
  beforeEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    world = new FramedWorld(folder);
    await world.openLedger();
    world.deposit(ETHEREUM, await markedDeposit(2n));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const said = () => concatBytes(...world.answers.splice(0));
  const sealed = () =>
    concatBytes(...readdirSync(folder).map((file) => readFileSync(join(folder, file))));

  it('says nothing of an order before its commit is final, however it is asked', async () => {
    await world.reach(2n);
    const commit = await world.propose();
    await world.run('status', {});
    await world.run('exportSnapshot', { chunk: 0n });
    await expect(world.reveal(POLKADOT)).resolves.toMatchObject({ batches: [] });
    expect(leaksInto('answers before', said(), MARKS)).toEqual([]);
    await world.confirm(commit);
    await world.reveal(POLKADOT);
    expect(marksIn(said(), MARKS)).not.toEqual([]);
  });

  it('then says what leaves, and of what stays nothing but sealed', async () => {
    await world.advance();
    await world.run('status', {});
    await world.run('exportSnapshot', { chunk: 0n });
    await world.reveal(POLKADOT);
    const answers = said();
    expect(leaksInto('answers after', answers, MARKS)).toEqual([]);
    expect(marksIn(answers, MARKS).toSorted()).toEqual(['paid', 'recipient', 'tag']);
  });

  it('keeps what it knows sealed', async () => {
    await world.advance();
    expect(readdirSync(folder).length).toBeGreaterThan(2);
    expect(leaksInto('enclave files', sealed(), MARKS)).toEqual([]);
  });

  it('refuses without a word of what it has opened', async () => {
    // No gateway takes a refund to nobody: it makes the round fail, behind an order that has been opened.
    const impossible: Hex = `0x${'00'.repeat(20)}`;
    world.deposit(ETHEREUM, { ...(await markedDeposit(2n)), refundTo: impossible });
    await world.reach(2n);
    await expect(world.propose()).rejects.toThrow('ENCLAVE_TRANSITION_FAILED');
    expect(leaksInto('answers before', said(), MARKS)).toEqual([]);
  });

  it('refuses questions that it cannot read without a word of what is in them', async () => {
    const key = fromHex(await context.keys.epochKeyOf(1n));
    const keys = { publicKey: key, ephemeralIkm: markedBytes('ephemeral', 32) };
    const plaintext = concatBytes(TAG_SECRET, utf8(MEMO), fromHex(ACCOUNT), new Uint8Array(400));
    const nothing = { info: new Uint8Array(), aad: new Uint8Array() };
    const question = concatBytes(toBigEndian(1n, 8), await sealHpke(keys, plaintext, nothing));
    for (const each of [question, plaintext, TAG_SECRET]) {
      await expect(world.run('query', { sealed: each })).rejects.toThrow();
    }
    expect(leaksInto('answers before', said(), MARKS)).toEqual([]);
  });
});
