import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiPromise } from '#polkadot/api';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import type { ChainCall, ChainSigner, SignedCall } from '../../src/chains/shared/bridged-chain.ts';
import { DEFAULT_CEILINGS } from '../../src/chains/shared/fee-ceilings.ts';
import { WEI_PER_PLANCK } from '../../src/chains/substrate/dry-run.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { asyncRefusal } from '../support/async-refusal.ts';
import { type OpenSubstrate, openSubstrate } from '../support/follow-substrate.ts';
import { connectApi, startManualChain } from '../support/polkadot-devnet.ts';

const CALL: ChainCall = { to: `0x${'ab'.repeat(20)}`, data: '0x', valueWei: 10n ** 18n };
/** Nearly all that a block has for calls, which is 0.75 seconds: it fits into one that has no other. */
const LARGE = {
  budget: {
    measure: 'weight',
    weight: { refTime: 748_000_000_000n, proofSize: 100_000n },
    storageDepositPlanck: 10n ** 12n,
  },
  ceilings: { ...DEFAULT_CEILINGS, transactionWei: 10n ** 24n },
} as const;

const SMALL = {
  budget: {
    measure: 'weight',
    weight: { refTime: 10_000_000_000n, proofSize: 100_000n },
    storageDepositPlanck: 10n ** 12n,
  },
} as const;

/** What a tip of Polkadot's is raised for, on the real runtime, whose blocks come when the test says so. */
describe('an extrinsic that no block takes', { timeout: 60_000 }, () => {
  let devnet: PolkadotDevnet;
  let api: ApiPromise;
  let opened: OpenSubstrate;
  let alice: ChainSigner;

  beforeAll(async () => {
    devnet = await startManualChain();
    let isMapping = true;
    const producing = (async () => {
      while (isMapping) await devnet.produceBlock();
    })();
    const url = devnet.wsUrl;
    const options = { name: 'polkadot', chainId: 420_420_499n, url, route: 'direct' } as const;
    opened = await openSubstrate({ ...options, pollMs: 50 });
    alice = await opened.chain.signer('//Alice');
    // With its first call an account is mapped.
    await opened.chain.submit(alice, CALL);
    isMapping = false;
    await producing;
    api = await connectApi(devnet);
  }, 120_000);
  afterAll(async () => {
    await api?.disconnect();
    await opened?.close();
    await devnet?.close();
  });

  const tipOf = (raw: Hex) => api.createType('Extrinsic', raw).tip.toBigInt() * WEI_PER_PLANCK;
  const late = (signed: SignedCall, tipWei = 10n ** 24n) =>
    opened.chain.renew(alice, signed, {
      why: 'late',
      ceilings: { ...LARGE.ceilings, tipWei },
    });
  /** A block that has other calls. */
  const fill = async () => {
    const nonce = await opened.chain.nonceOf(alice);
    for (let i = 0; i < 4; i++) {
      await opened.chain.broadcast(
        await opened.chain.sign(alice, CALL, { ...SMALL, nonce: nonce + i }),
      );
    }
    await devnet.produceBlock();
  };

  it('is left as it is while blocks have room for it', async () => {
    const signed = await opened.chain.sign(alice, CALL, LARGE);
    await devnet.produceBlock();
    expect(await late(signed)).toBeUndefined();
  });

  it('is left as it is while others of its account come before it', async () => {
    await fill();
    const nonce = (await opened.chain.nonceOf(alice)) + 1;
    const signed = await opened.chain.sign(alice, CALL, { ...LARGE, nonce });
    expect(await late(signed)).toBeUndefined();
  });

  it('offers a tenth of its fee where blocks are full, then an eighth more, and no more than the ceiling', async () => {
    await fill();
    const signed = await opened.chain.sign(alice, CALL, LARGE);
    const first = (await late(signed)) ?? signed;
    const tip = tipOf(first.raw);
    expect([tipOf(signed.raw), first.nonce]).toEqual([0n, signed.nonce]);
    expect(tip / WEI_PER_PLANCK).toBe(signed.costWei / WEI_PER_PLANCK / 10n + 1n);
    const second = (await late(first)) ?? first;
    expect(tipOf(second.raw) / WEI_PER_PLANCK).toBe(((tip / WEI_PER_PLANCK) * 9n) / 8n + 1n);

    const ceiling = tip / 2n;
    const capped = (await late(signed, ceiling)) ?? signed;
    expect(tipOf(capped.raw) / WEI_PER_PLANCK).toBe(ceiling / WEI_PER_PLANCK);
    expect(await asyncRefusal(Promise.resolve(late(capped, ceiling)))).toMatchObject({
      code: 'CHAIN_FEE_ABOVE_CEILING',
    });
  });
});
