import { encodeRlp } from '../../src/codec/rlp.ts';
import { fromHex } from '../../src/shared/bytes.ts';
import type { Json } from './ethereum-vectors.ts';

/** The fields of a Deneb header in the order of its RLP, by their names in `eth_getBlockByNumber`. */
export const HEADER_FIELDS = [
  'parentHash',
  'sha3Uncles',
  'miner',
  'stateRoot',
  'transactionsRoot',
  'receiptsRoot',
  'logsBloom',
  'difficulty',
  'number',
  'gasLimit',
  'gasUsed',
  'timestamp',
  'extraData',
  'mixHash',
  'nonce',
  'baseFeePerGas',
  'withdrawalsRoot',
  'blobGasUsed',
  'excessBlobGas',
  'parentBeaconBlockRoot',
];
const INTEGERS = new Set([
  'difficulty',
  'number',
  'gasLimit',
  'gasUsed',
  'timestamp',
  'baseFeePerGas',
  'blobGasUsed',
  'excessBlobGas',
]);

/** The header's RLP from the answer of `eth_getBlockByNumber`. */
export function executionHeaderRlp(json: Json): Uint8Array {
  return encodeRlp(
    HEADER_FIELDS.map((name) => {
      const hex: string = json[name];
      if (!INTEGERS.has(name)) return fromHex(hex);
      const digits = hex.slice(2).replace(/^0+/, '');
      return fromHex(`0x${digits.length % 2 ? '0' : ''}${digits}`);
    }),
  );
}
