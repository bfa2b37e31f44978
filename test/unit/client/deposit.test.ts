import type { Interface } from 'ethers';
import { beforeEach, describe, expect, test } from 'vitest';
import { GATEWAY_ABI, REGISTRY_ABI } from '../../../src/chains/shared/abi.ts';
import type { BridgedChain, ChainCall } from '../../../src/chains/shared/bridged-chain.ts';
import { type DepositRequest, makeDeposit, type SourceSide } from '../../../src/client/deposit.ts';
import { hpkePublicKey } from '../../../src/crypto/hpke.ts';
import { assetId, NATIVE_TOKEN } from '../../../src/protocol/asset.ts';
import { openEnvelope } from '../../../src/protocol/envelope.ts';
import { fromHex, type Hex, toHex } from '../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../support/async-refusal.ts';
import { depositLog, GATEWAY, SENDER } from '../../support/bridge-logs.ts';
import { addressOf, RECIPIENT, sealedOrder } from '../../support/ledger.ts';

const CHAIN_ID = 31_337n;
const REGISTRY = addressOf(0x21);
const TOKEN = addressOf(0x22);
const SECRET = new Uint8Array(32).fill(9);
const NATIVE: DepositRequest = {
  asset: assetId(CHAIN_ID, NATIVE_TOKEN),
  token: NATIVE_TOKEN,
  amount: 1_000n,
  destination: 99n,
  content: { kind: 'transparent', recipient: RECIPIENT },
};
const OWN_TOKEN: DepositRequest = { ...NATIVE, asset: assetId(CHAIN_ID, TOKEN), token: TOKEN };

let sent: ChainCall[];
let allowance: bigint;
let logs: ReturnType<typeof depositLog>[];
let source: SourceSide;

beforeEach(async () => {
  sent = [];
  allowance = 0n;
  logs = [depositLog(4n, 20)];
  const answers: readonly (readonly [Interface, string, ...unknown[]])[] = [
    [GATEWAY_ABI, 'quoteFee', 7n],
    [REGISTRY_ABI, 'currentKey', 3n, toHex(await hpkePublicKey(SECRET))],
  ];
  const call = async (to: Hex, data: Hex) => {
    if (to === TOKEN) return `0x${allowance.toString(16)}`;
    const [abi, name, ...said] = answers.find(([abi, name]) =>
      data.startsWith(abi.getFunction(name)!.selector),
    )!;
    return abi.encodeFunctionResult(name, said);
  };
  const submit = async (_: unknown, request: ChainCall) => {
    sent.push(request);
    return { transactionHash: '0xab', blockNumber: 20, logs };
  };
  // CAST: a deposit asks nothing else of a chain.
  const chain = { name: 'west', chainId: CHAIN_ID, call, submit } as unknown as BridgedChain;
  source = { chain, signer: { address: SENDER }, gateway: GATEWAY, registry: REGISTRY };
});

function deposited() {
  const { data, valueWei, to } = sent.at(-1)!;
  const [asset, amount, maxFee, destination, refundTo, envelope] = GATEWAY_ABI.decodeFunctionData(
    'deposit',
    data,
  );
  return { to, valueWei, asset, amount, maxFee, destination, refundTo, envelope };
}

describe('a deposit', () => {
  test('of the native coin sends it along, at the fee that was asked for, and is known by its log', async () => {
    const { transfer, fee } = await makeDeposit(source, NATIVE);
    expect([transfer, fee]).toEqual([{ chainId: CHAIN_ID, index: 4n }, 7n]);
    expect(sent).toHaveLength(1);
    expect(deposited()).toMatchObject({
      to: GATEWAY,
      valueWei: 1_000n,
      amount: 1_000n,
      maxFee: 7n,
      destination: 99n,
      envelope: `0x00${RECIPIENT.slice(2)}`,
    });
  });

  test('pays no more for the message than the user was shown', async () => {
    await makeDeposit(source, { ...NATIVE, maxFee: 6n });
    expect(deposited().maxFee).toBe(6n);
  });

  test('gives back to the sender, or to whom the request names', async () => {
    await makeDeposit(source, NATIVE);
    expect(deposited().refundTo.toLowerCase()).toBe(SENDER);
    await makeDeposit(source, { ...NATIVE, refundTo: TOKEN });
    expect(deposited().refundTo.toLowerCase()).toBe(TOKEN);
  });

  test.each([
    ['is approved first', 999n, [TOKEN, GATEWAY]],
    ['is not approved again', 1_000n, [GATEWAY]],
  ])('of a token that lives on the chain %s', async (_, allowed, receivers) => {
    allowance = allowed;
    await makeDeposit(source, OWN_TOKEN);
    expect(sent.map(({ to }) => to)).toEqual(receivers);
    expect(sent.map(({ valueWei }) => valueWei)).toEqual(receivers.map(() => 0n));
  });

  test('of a token that the gateway minted needs no allowance', async () => {
    await makeDeposit(source, { ...OWN_TOKEN, asset: assetId(99n, TOKEN) });
    expect(sent.map(({ to }) => to)).toEqual([GATEWAY]);
  });

  test('seals the order to the epoch key, for itself alone', async () => {
    const opened = sealedOrder({}, { epoch: 3n });
    if (opened.kind !== 'sealed') throw new Error('no order');
    const rng = { bytes: (length: number) => new Uint8Array(length).fill(5) };
    const content = { kind: 'sealed', order: opened.order, rng } as const;
    await makeDeposit(source, { ...NATIVE, destination: 0n, refundTo: TOKEN, content });
    const { asset, amount } = NATIVE;
    const at = { chainId: CHAIN_ID, gateway: GATEWAY, sender: SENDER, asset, amount };
    const open = (refundTo: Hex) => {
      const deposit = { ...at, destination: 0n, refundTo };
      const ledger = { chainId: 1n, verifyingContract: GATEWAY };
      return openEnvelope(fromHex(deposited().envelope), { deposit, ledger }, (epoch) =>
        epoch === 3n ? SECRET : undefined,
      );
    };
    expect(await open(TOKEN)).toMatchObject({ kind: 'sealed', epoch: 3n, order: opened.order });
    expect(await open(SENDER)).toEqual({ kind: 'unopened', reason: 'undecryptable' });
    expect(deposited().destination).toBe(0n);
  });

  test('that logged nothing at the gateway is no deposit', async () => {
    logs = [{ ...depositLog(4n, 20), address: TOKEN }];
    const refused = await asyncRefusal(makeDeposit(source, NATIVE));
    expect([refused.code, refused.meta]).toEqual(['DEPOSIT_UNSEEN', { transaction: '0xab' }]);
  });
});
