import { decodeProof } from '@acala-network/chopsticks-core/wasm-executor/index';
import type { ApiPromise } from '@polkadot/api';
import type { SubmittableExtrinsic } from '@polkadot/api/types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Keyring } from '#polkadot/api';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import { hashExtrinsic } from '../../devnet/polkadot/transaction-pool.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import {
  ask,
  askRaw,
  connectApi,
  type HeaderJson,
  startManualChain,
} from '../support/polkadot-devnet.ts';

type Extrinsic = SubmittableExtrinsic<'promise'>;
type Calls = Record<string, Record<string, (...args: unknown[]) => Extrinsic>>;
type BlockJson = { block: { extrinsics: Hex[] } };
type Outcome = { block: Hex; events: string[] };

const keys = new Keyring({ type: 'sr25519' });
const [alice, bob, charlie] = ['//Alice', '//Bob', '//Charlie'].map((uri) =>
  keys.addFromUri(uri),
) as [KeyPair, KeyPair, KeyPair];
type KeyPair = ReturnType<Keyring['addFromUri']>;

/** Init code of a contract that keeps the first word of its calldata in slot 0. */
const KEEPER_INIT_CODE = '0x666000356000550060005260076019f3';
const SLOT_0 = '0x89eb0d6a8a691dae2cd15ed0369931ce0a949ecafa5c3f93f8121833646e15c3';
const WORD = `0x${'00'.repeat(31)}2a` as const;

describe('an unmodified @polkadot/api on the Polkadot devnet', () => {
  let chain: PolkadotDevnet;
  let api: ApiPromise;

  beforeAll(async () => {
    chain = await startManualChain();
    api = await connectApi(chain);
  });

  afterAll(async () => {
    await api?.disconnect();
    await chain?.close();
  });

  /** Submits as a wallet does, makes a block when it is ready, and returns where it went. */
  function send(extrinsic: Extrinsic, signer: KeyPair): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      void extrinsic
        .signAndSend(signer, ({ status, events }) => {
          if (status.isReady) void chain.produceBlock();
          if (!status.isInBlock) return;
          const names = events.map(({ event }) => `${event.section}.${event.method}`);
          resolve({ block: status.asInBlock.toHex(), events: names });
        })
        .catch(reject);
    });
  }

  const transfer = (amount: bigint, to: KeyPair = bob): Extrinsic =>
    api.tx['balances']!['transferKeepAlive']!(to.address, amount);

  async function signed(extrinsic: Extrinsic, signer: KeyPair, nonce: number): Promise<Hex> {
    return (await extrinsic.signAsync(signer, { nonce })).toHex();
  }

  async function freeBalance(at: Hex, who: KeyPair): Promise<bigint> {
    const account = await (await api.at(at)).query['system']!['account']!(who.address);
    return BigInt((account.toJSON() as { data: { free: string | number } }).data.free);
  }

  it('sees a transfer ready, included and final, and its effect', async () => {
    const seen: string[] = [];
    const done = new Promise<Hex>((resolve, reject) => {
      void transfer(123n)
        .signAndSend(alice, ({ status }) => {
          seen.push(status.type);
          if (status.isReady) void chain.produceBlock().then(() => chain.produceBlock());
          if (status.isFinalized) resolve(status.asFinalized.toHex());
        })
        .catch(reject);
    });
    const hash = await done;
    expect(seen).toEqual(['Ready', 'InBlock', 'Finalized']);
    // The API remembers the block from before it was final, so this asks the node.
    const { justifications } = await ask<{ justifications: unknown[][] }>(
      chain,
      'chain_getBlock',
      hash,
    );
    expect(justifications[0]?.[0]).toEqual([0x46, 0x52, 0x4e, 0x4b]);
    expect((await freeBalance(hash, bob)) - (await freeBalance(chain.genesisHash, bob))).toBe(123n);
  });

  it('gives read proofs of present and absent keys under the header’s state root', async () => {
    const key = api.query['system']!['number']!.key() as Hex;
    const { at, proof } = await ask<{ at: Hex; proof: Hex[] }>(chain, 'state_getReadProof', [
      key,
      '0x1234',
    ]);
    const { stateRoot } = await ask<HeaderJson>(chain, 'chain_getHeader', at);
    const entries = await decodeProof(stateRoot, proof);
    expect(entries[key]).toBe(await ask(chain, 'state_getStorage', key, at));
    expect(entries['0x1234']).toBeUndefined();
  });

  it('deploys an EVM contract, calls it, and proves what it stores', async () => {
    const { revive } = api.tx as unknown as Calls;
    await send(revive!['mapAccount']!(), alice);
    const weight = { refTime: 500_000_000_000n / 2n, proofSize: 1_000_000n };
    const deposit = 10n ** 15n;
    const deployed = await send(
      revive!['instantiateWithCode']!(0, weight, deposit, KEEPER_INIT_CODE, '0x', null),
      alice,
    );
    expect(deployed.events).toContain('revive.Instantiated');
    const [[accountKey]] = (await api.query['revive']!['accountInfoOf']!.entries()).filter(
      ([, value]) => value.toHex().length > 150,
    ) as unknown as [[{ args: { toHex(): Hex }[] }]];
    const address = accountKey.args[0]!.toHex();
    const called = await send(revive!['call']!(address, 0, weight, deposit, WORD), alice);
    expect(called.events).toContain('system.ExtrinsicSuccess');

    const info = (await api.query['revive']!['accountInfoOf']!(address)).toJSON() as {
      accountType: { contract: { trieId: string } };
    };
    const child = `0x${Buffer.from(':child_storage:default:').toString('hex')}${info.accountType.contract.trieId.slice(2)}`;
    expect(await ask(chain, 'childstate_getStorage', child, SLOT_0, called.block)).toBe(WORD);
    expect(await ask(chain, 'childstate_getStorage', child, SLOT_0, deployed.block)).toBeNull();
    expect(await ask(chain, 'state_getStorage', child + SLOT_0.slice(2))).toBeNull();
    expect(await ask(chain, 'childstate_getKeysPaged', child, '0x', 10)).toEqual([SLOT_0]);

    const { at, proof } = await ask<{ at: Hex; proof: Hex[] }>(
      chain,
      'state_getChildReadProof',
      child,
      [SLOT_0],
      called.block,
    );
    const { stateRoot } = await ask<HeaderJson>(chain, 'chain_getHeader', at);
    const childRoot = (await decodeProof(stateRoot, proof))[child as Hex]!;
    expect((await decodeProof(childRoot, proof))[SLOT_0]).toBe(WORD);
  });

  it('refuses with the runtime’s own reasons', async () => {
    const next = await ask<number>(chain, 'system_accountNextIndex', alice.address);
    const submit = async (extrinsic: Hex) =>
      (await askRaw(chain, 'author_submitExtrinsic', [extrinsic])).error;
    expect(await submit(await signed(transfer(1n), alice, next - 1))).toMatchObject({
      code: 1010,
      data: 'Transaction is outdated',
    });
    const forged = await signed(transfer(1n), alice, next);
    const digit = forged[100] === '0' ? '1' : '0';
    expect(
      await submit(`${forged.slice(0, 100)}${digit}${forged.slice(101)}` as Hex),
    ).toMatchObject({
      code: 1010,
      data: 'Transaction has a bad signature',
    });
    expect(await submit(await signed(transfer(1n), keys.addFromUri('//Nobody'), 0))).toMatchObject({
      code: 1010,
      data: 'Inability to pay some fees (e.g. account balance too low)',
    });
    expect(await submit('0x0c840102')).toMatchObject({ code: 1002 });
    expect(await submit('0x1234')).toMatchObject({ code: 1040 });
  });

  it('keeps an early nonce until its turn, and counts waiting ones in accountNextIndex', async () => {
    const nonce = await ask<number>(chain, 'system_accountNextIndex', bob.address);
    const [first, second] = [
      await signed(transfer(1n, alice), bob, nonce),
      await signed(transfer(2n, alice), bob, nonce + 1),
    ];
    await ask(chain, 'author_submitExtrinsic', second);
    expect(await ask(chain, 'author_pendingExtrinsics')).toEqual([]);
    await ask(chain, 'author_submitExtrinsic', first);
    expect(await ask(chain, 'author_pendingExtrinsics')).toEqual([first, second]);
    expect(await ask(chain, 'system_accountNextIndex', bob.address)).toBe(nonce + 2);
    expect((await askRaw(chain, 'author_submitExtrinsic', [first])).error?.code).toBe(1013);
    const rival = await signed(transfer(3n, alice), bob, nonce);
    expect((await askRaw(chain, 'author_submitExtrinsic', [rival])).error?.code).toBe(1014);
    const hash = await chain.produceBlock();
    const { block } = await ask<BlockJson>(chain, 'chain_getBlock', hash);
    expect(block.extrinsics.slice(1)).toEqual([first, second]);
  });

  it('leaves out an extrinsic that the one before it made impossible, and nothing else', async () => {
    const poor = keys.addFromUri('//Poor');
    await send(transfer(50_000_000_000n, poor), alice);
    const drain = api.tx['balances']!['transferAllowDeath']!(bob.address, 47_000_000_000n);
    const doomed = await signed(transfer(1n), poor, 1);
    const fine = await signed(transfer(1n), charlie, 0);
    for (const extrinsic of [await signed(drain, poor, 0), doomed, fine]) {
      await ask(chain, 'author_submitExtrinsic', extrinsic);
    }
    const hash = await chain.produceBlock();
    const { block } = await ask<BlockJson>(chain, 'chain_getBlock', hash);
    expect(block.extrinsics).toHaveLength(3);
    expect(block.extrinsics).toContain(fine);
    expect(block.extrinsics).not.toContain(doomed);
    expect((await askRaw(chain, 'author_submitExtrinsic', [doomed])).error?.code).toBe(1012);
  });

  it('splits what does not fit into one block over several', async () => {
    const nonce = await ask<number>(chain, 'system_accountNextIndex', alice.address);
    const large = api.tx['system']!['remark']!(`0x${'ab'.repeat(1_300_000)}`);
    for (let i = 0; i < 4; i++) {
      await ask(chain, 'author_submitExtrinsic', await signed(large, alice, nonce + i));
    }
    const counts: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { block } = await ask<BlockJson>(chain, 'chain_getBlock', await chain.produceBlock());
      counts.push(block.extrinsics.length - 1);
    }
    expect(counts).toEqual([2, 2, 0]);
  });

  it('ends a block where the runtime finds it full', async () => {
    const { revive, utility } = api.tx as unknown as Calls;
    const nonce = await ask<number>(chain, 'system_accountNextIndex', alice.address);
    const nearlyAll = { refTime: 690_000_000_000n, proofSize: 1_000_000n };
    const heavy = revive!['call']!(`0x${'11'.repeat(20)}`, 0, nearlyAll, 0, '0x');
    const batch = utility!['batch']!(Array.from({ length: 600 }, () => transfer(1n)));
    const all = await Promise.all(
      [batch, heavy, transfer(1n)].map((extrinsic, i) => signed(extrinsic, alice, nonce + i)),
    );
    for (const extrinsic of all) await ask(chain, 'author_submitExtrinsic', extrinsic);
    const bodies: Hex[][] = [];
    for (let i = 0; i < 2; i++) {
      const hash = await chain.produceBlock();
      const { block } = await ask<BlockJson>(chain, 'chain_getBlock', hash);
      bodies.push(block.extrinsics.slice(1).map(hashExtrinsic));
    }
    const [first, ...rest] = all.map(hashExtrinsic);
    expect(bodies).toEqual([[first], rest]);
  });

  it('returns the extrinsics of an abandoned block to the pool', async () => {
    chain.holdFinality();
    await chain.produceBlock();
    const seen: string[] = [];
    const again = new Promise<void>((resolve, reject) => {
      void transfer(7n)
        .signAndSend(alice, ({ status }) => {
          seen.push(status.type);
          if (status.isReady && seen.length === 1) {
            void chain
              .produceBlock()
              .then(() => chain.fork({ depth: 1 }))
              .then(() => chain.produceBlock());
          }
          if (seen.filter((type) => type === 'InBlock').length === 2) resolve();
        })
        .catch(reject);
    });
    await again;
    expect(seen.filter((type) => type !== 'Ready')).toEqual(['InBlock', 'Retracted', 'InBlock']);
    await chain.resumeFinality();
  });

  it('answers fees, dry runs and nonces as a node does', async () => {
    const nonce = await ask<number>(chain, 'system_accountNextIndex', charlie.address);
    const good = await signed(transfer(5n), charlie, nonce);
    expect(await ask(chain, 'system_dryRun', good)).toBe('0x0000');
    expect(await ask(chain, 'system_dryRun', await signed(transfer(5n), charlie, nonce + 5))).toBe(
      '0x010002',
    );
    const info = await transfer(5n).paymentInfo(charlie);
    expect(info.partialFee.toBigInt()).toBeGreaterThan(0n);
    const { partialFee } = await ask<{ partialFee: string }>(chain, 'payment_queryInfo', good);
    const { inclusionFee } = await ask<{ inclusionFee: Record<string, Hex> }>(
      chain,
      'payment_queryFeeDetails',
      good,
    );
    const parts = Object.values(inclusionFee).reduce((sum, part) => sum + BigInt(part), 0n);
    expect(parts).toBe(BigInt(partialFee));
    expect(hashExtrinsic(good)).toBe(api.createType('Extrinsic', good).hash.toHex());
  });

  it('leaves the slots of foreign authors empty and goes on', async () => {
    const { sudo, devValidators } = api.tx as unknown as Calls;
    const authorities = [`0x${'5a'.repeat(32)}`, alice.publicKey];
    await send(sudo!['sudo']!(devValidators!['setAuraAuthorities']!(authorities)), alice);
    const slots: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { digest } = await ask<HeaderJson>(
        chain,
        'chain_getHeader',
        await chain.produceBlock(),
      );
      slots.push(Number(Buffer.from(digest.logs[0]!.slice(14), 'hex').readBigUInt64LE()));
    }
    const [first = 0] = slots;
    expect(first % 2).toBe(1);
    expect(slots).toEqual([first, first + 2, first + 4]);
  });
});
