import { type Hex, toHex } from '../../../src/shared/bytes.ts';
import type { Chain } from '../chain.ts';
import { decodeCompact, fromLittleEndian, littleEndian } from '../compact.ts';
import { bytesOf } from '../hex.ts';
import type { RpcModule, RpcParams } from './module.ts';
import { takeBlock, takeHex } from './params.ts';
import type { RuntimeApi } from './runtime-api.ts';

const DISPATCH_CLASSES = ['normal', 'operational', 'mandatory'] as const;

/** `payment_*`, answered by the runtime's `TransactionPaymentApi`. */
export function createPaymentModule(chain: Chain, runtime: RuntimeApi): RpcModule {
  const ask = async (method: string, params: RpcParams) => {
    const extrinsic = takeHex(params, 0);
    const length = littleEndian(BigInt(extrinsic.length / 2 - 1), 4);
    const argument: Hex = `${extrinsic}${toHex(length).slice(2)}`;
    const result = await runtime.call(takeBlock(chain, params, 1), method, argument);
    return bytesOf(result);
  };
  return {
    methods: {
      payment_queryInfo: async (params) =>
        toInfoJson(await ask('TransactionPaymentApi_query_info', params)),
      payment_queryFeeDetails: async (params) =>
        toFeeDetailsJson(await ask('TransactionPaymentApi_query_fee_details', params)),
    },
  };
}

/** `RuntimeDispatchInfo`: weight (two compacts), class, partial fee. */
function toInfoJson(bytes: Uint8Array): object {
  const [refTime, first] = decodeCompact(bytes);
  const [proofSize, second] = decodeCompact(bytes, first);
  const at = first + second;
  return {
    weight: { ref_time: refTime, proof_size: proofSize },
    class: DISPATCH_CLASSES[bytes[at] ?? 0],
    partialFee: String(fromLittleEndian(bytes.subarray(at + 1, at + 17))),
  };
}

/** `FeeDetails`: an optional inclusion fee of three balances; the tip is not encoded. */
function toFeeDetailsJson(bytes: Uint8Array): object {
  if (bytes[0] === 0) return { inclusionFee: null };
  const fee = (index: number) => {
    const at = 1 + 16 * index;
    return `0x${fromLittleEndian(bytes.subarray(at, at + 16)).toString(16)}`;
  };
  return { inclusionFee: { baseFee: fee(0), lenFee: fee(1), adjustedWeightFee: fee(2) } };
}
