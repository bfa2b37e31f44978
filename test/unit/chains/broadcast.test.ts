import { describe, expect, it } from 'vitest';
import { createEthereumSender } from '../../../src/chains/ethereum/sender.ts';
import { ChainError } from '../../../src/chains/shared/bridged-chain.ts';
import type { RpcClient } from '../../../src/chains/shared/json-rpc.ts';
import { LineLate } from '../../../src/chains/shared/node-line.ts';
import type { TransactionSender } from '../../../src/chains/shared/submit-and-wait.ts';
import type { SubstrateBlocks } from '../../../src/chains/substrate/blocks.ts';
import type { SubstrateConnection } from '../../../src/chains/substrate/connection.ts';
import { createSubstrateSender } from '../../../src/chains/substrate/sender.ts';
import { asyncRefusal } from '../../support/async-refusal.ts';
import { SIGNED } from '../../support/scripted-chain.ts';

/** A node's answer to a transaction, and whether it has it all the same. */
interface Script {
  readonly answer: 'late' | 'gone' | 'no';
  readonly hasIt: boolean;
}

function ethereum({ answer, hasIt }: Script): TransactionSender {
  const chain = 'scripted';
  const failure = {
    late: () => new ChainError('CHAIN_TIMEOUT', { chain, what: 'late' }),
    gone: () => new ChainError('CHAIN_UNAVAILABLE', { chain, what: 'gone' }),
    no: () => new ChainError('CHAIN_TRANSACTION_REFUSED', { chain, what: 'no' }),
  }[answer];
  const rpc: RpcClient = async (method, _, schema) => {
    if (method === 'eth_sendRawTransaction') throw failure();
    return schema.parse(hasIt ? { hash: SIGNED.hash } : null);
  };
  return createEthereumSender({ chain, chainId: 1n, rpc, toAll: rpc });
}

function substrate({ answer, hasIt }: Script): TransactionSender {
  const failure = {
    late: new LineLate('no answer to author_submitExtrinsic in time'),
    gone: new Error('WebSocket is not connected'),
    no: Object.assign(new Error('1010: Invalid Transaction'), { code: 1010 }),
  }[answer];
  const send = async (method: string) => {
    if (method !== 'author_pendingExtrinsics') throw failure;
    return hasIt ? [SIGNED.raw] : [];
  };
  const connection = { name: 'scripted', send } as unknown as SubstrateConnection;
  const head = async () => ({ number: 0, hash: SIGNED.hash });
  const blocks = { head } as Partial<SubstrateBlocks> as SubstrateBlocks;
  return createSubstrateSender({ connection, blocks }).sender;
}

describe.each([
  ['an Ethereum node', ethereum],
  ['a Substrate node', substrate],
])('a transaction that %s has not said yes to', (_, senderOf) => {
  it.each(['late', 'gone', 'no'] as const)('is taken if the node has it: %s', async (answer) => {
    await expect(senderOf({ answer, hasIt: true }).broadcast(SIGNED)).resolves.toBeUndefined();
  });

  it.each([
    ['late', 'CHAIN_TIMEOUT'],
    ['gone', 'CHAIN_UNAVAILABLE'],
    ['no', 'CHAIN_TRANSACTION_REFUSED'],
  ] as const)('is refused only by a no: %s', async (answer, code) => {
    const error = await asyncRefusal(senderOf({ answer, hasIt: false }).broadcast(SIGNED));
    expect(error).toMatchObject({ code, disposition: 'retry', meta: { chain: 'scripted' } });
  });
});
