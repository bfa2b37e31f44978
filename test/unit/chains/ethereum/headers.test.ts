import { encodeRlp, keccak256, toBeArray } from 'ethers';
import { describe, expect, it } from 'vitest';
import { encodeExecutionHeader } from '../../../../src/chains/ethereum/execution-header.ts';
import { createHeaderReader } from '../../../../src/chains/ethereum/headers.ts';
import { blockSchema, type ExecutionBlock } from '../../../../src/chains/ethereum/schema.ts';
import type { RpcClient } from '../../../../src/chains/shared/json-rpc.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const OSAKA = {
  parentHash: word('01'),
  sha3Uncles: word('02'),
  miner: `0x${'03'.repeat(20)}` as Hex,
  stateRoot: word('04'),
  transactionsRoot: word('05'),
  receiptsRoot: word('06'),
  logsBloom: `0x${'00'.repeat(256)}` as Hex,
  difficulty: '0x0',
  number: '0x1234',
  gasLimit: '0x1c9c380',
  gasUsed: '0x5208',
  timestamp: '0x6b49d200',
  extraData: '0x',
  mixHash: word('07'),
  nonce: '0x0000000000000000',
  baseFeePerGas: '0x7',
  withdrawalsRoot: word('08'),
  blobGasUsed: '0x0',
  excessBlobGas: '0x20000',
  parentBeaconBlockRoot: word('09'),
  requestsHash: word('0a'),
};
const AMSTERDAM = { ...OSAKA, blockAccessListHash: word('0b'), slotNumber: '0x1f4' };
const INTEGERS = new Set([
  'difficulty',
  'number',
  'gasLimit',
  'gasUsed',
  'timestamp',
  'baseFeePerGas',
  'blobGasUsed',
  'excessBlobGas',
  'slotNumber',
]);

/** A node's block, with the hash of the fields in their order: the slow, obvious way. */
function blockOf(fields: Record<string, string>): Record<string, string> {
  const items = Object.entries(fields).map(([name, text]) =>
    INTEGERS.has(name) ? toBeArray(BigInt(text)) : text,
  );
  return { ...fields, hash: keccak256(encodeRlp(items)) };
}

const read = (json: unknown): ExecutionBlock => blockSchema.parse(json);

/** A node that has these blocks by hash, and counts how often it is asked. */
function readerOf(blocks: Record<string, unknown>) {
  let asked = 0;
  const rpc: RpcClient = async (_, [hash], schema) => {
    asked += 1;
    return schema.parse(blocks[String(hash)] ?? null);
  };
  return {
    headerOf: createHeaderReader('mainnet', (question) => question(rpc)),
    asked: () => asked,
  };
}

describe('a header that is read by its hash', () => {
  it.each([
    ['21 fields up to Osaka', OSAKA],
    ['23 fields from Amsterdam on', AMSTERDAM],
  ])('has %s, which hash to it', async (_, fields) => {
    const block = blockOf(fields);
    const hash = block['hash'] as Hex;
    const { headerOf, asked } = readerOf({ [hash]: block });
    const header = await headerOf(hash);
    expect(header).toMatchObject({ number: 0x1234, hash, timeSec: 0x6b49d200n });
    expect(keccak256(header.rlp)).toBe(hash);
    await headerOf(hash);
    expect(asked()).toBe(1);
  });

  it.each(Object.keys(AMSTERDAM))('is not believed if its %s is another', (field) => {
    const block = blockOf(AMSTERDAM);
    const text = block[field] ?? '';
    const changed = `${text.slice(0, -1)}${text.endsWith('1') ? '2' : '1'}`;
    const isEmpty = text === '0x';
    const other = read({ ...block, [field]: isEmpty ? '0x01' : changed });
    expect(encodeExecutionHeader(other)).toBeUndefined();
    expect(encodeExecutionHeader(read(block))).toBeDefined();
  });

  it('gives no number that the hash does not cover', async () => {
    const block = blockOf(OSAKA);
    const hash = block['hash'] as Hex;
    const { headerOf } = readerOf({ [hash]: { ...block, number: '0x9999' } });
    expect(await asyncRefusal(headerOf(hash))).toMatchObject({
      code: 'CHAIN_ANSWER_MALFORMED',
      meta: { chain: 'mainnet' },
    });
  });

  it('is asked for again if the node does not have it yet', async () => {
    const blocks: Record<string, unknown> = {};
    const block = blockOf(OSAKA);
    const hash = block['hash'] as Hex;
    const { headerOf } = readerOf(blocks);
    expect((await asyncRefusal(headerOf(hash))).code).toBe('CHAIN_UNAVAILABLE');
    blocks[hash] = block;
    expect((await headerOf(hash)).number).toBe(0x1234);
  });
});
