import { expect, test } from 'vitest';
import { GATEWAY_ABI } from '../../../src/chains/shared/abi.ts';
import type { BridgedChain, ChainCall } from '../../../src/chains/shared/bridged-chain.ts';
import { postOrders } from '../../../src/client/post.ts';
import { toHex } from '../../../src/shared/bytes.ts';
import { GATEWAY, SENDER } from '../../support/bridge-logs.ts';

test('orders are posted in one transaction, with the fee of each', async () => {
  const sent: ChainCall[] = [];
  const submit = async (_: unknown, call: ChainCall) => {
    sent.push(call);
    return { blockNumber: 7 };
  };
  const call = async () => GATEWAY_ABI.encodeFunctionResult('postFee', [40n]);
  // CAST: posting asks nothing else of a chain.
  const chain = { call, submit } as unknown as BridgedChain;
  const envelopes = [1, 2].map((byte) => new Uint8Array(832).fill(byte));
  const receipt = await postOrders(
    { chain, signer: { address: SENDER }, gateway: GATEWAY },
    envelopes,
  );
  expect(receipt.blockNumber).toBe(7);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ to: GATEWAY, valueWei: 80n });
  const [posted] = GATEWAY_ABI.decodeFunctionData('post', sent[0]!.data);
  expect([...posted]).toEqual(envelopes.map(toHex));
});
