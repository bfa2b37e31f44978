import type { RefusalWeight } from '../shared/failover-client.ts';
import type { RpcRefusal } from '../shared/json-rpc.ts';
import { isRangeRefusal } from '../shared/range-refusal.ts';
import { readRefusal, type TransactionRefusal } from '../shared/transaction-refusal.ts';
import { ETHEREUM_REFUSALS } from './pool-refusals.ts';
import { REVERTED } from './refusal.ts';

/**
 * What a node says that has run a call. Whatever else it says, "internal error" or that the method is not offered, is about the node.
 *
 * SOURCES: go-ethereum core/vm/errors.go, core/state_transition.go and internal/ethapi; reth rpc-eth-types; erigon; besu
 * RpcErrorType.java; nethermind "VM execution error."; foundry anvil/src/eth/error.rs.
 */
const OF_THE_CALL =
  /revert|vm execution|evm error|execution (?:error|failed|halted)|out ?of ?gas|gas required exceeds|gas ?limit|intrinsic gas|invalid (?:opcode|jump|instruction|code)|opcode|stack (?:over|under)flow|stack limit|insufficient (?:funds|balance)|out ?of ?funds|max ?fee ?per ?gas|write protection|code size|call depth/i;

/** What a pool says of itself and not of the transaction. */
const OF_THE_POOL: ReadonlySet<TransactionRefusal> = new Set(['pool-full', 'not-ready', 'unknown']);

/** What an Ethereum node's refusal says: of the question, or of the node. */
export function weighRefusal(method: string, refusal: RpcRefusal): RefusalWeight {
  switch (method) {
    case 'eth_getLogs':
      return isRangeRefusal(refusal) ? 'answer' : 'fault';
    case 'eth_call':
    case 'eth_estimateGas':
      return refusal.code === REVERTED || OF_THE_CALL.test(refusal.message) ? 'answer' : 'fault';
    case 'eth_sendRawTransaction':
      return OF_THE_POOL.has(readRefusal(ETHEREUM_REFUSALS, refusal.message)) ? 'fault' : 'opinion';
    default:
      return 'fault';
  }
}
