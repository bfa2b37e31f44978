import type { EnclaveStatus, OutboxStatus } from '../../protocol/enclave-commands.ts';

/** What an enclave knows of a chain's outbox; undefined if it does not know the chain. */
export function outboxOf({ ingested }: EnclaveStatus, chainId: bigint): OutboxStatus | undefined {
  return ingested.find((outbox) => outbox.chainId === chainId);
}

/** Whether an enclave can take more of a chain's `final` messages now. */
export function isBehind(status: EnclaveStatus, chainId: bigint, final: bigint): boolean {
  const outbox = outboxOf(status, chainId);
  if (outbox === undefined || outbox.position.count >= final) return false;
  const { position, ahead } = outbox;
  // What is proven beyond the room for it comes again once commits have made room: all of it, so that nothing is tried in vain.
  if (ahead !== null)
    return position.count === consumedCount(status, chainId) && ahead.count <= final;
  return true;
}

function consumedCount({ ledger }: EnclaveStatus, chainId: bigint): bigint {
  return ledger.inputs.find((input) => input.chainId === chainId)?.count ?? 0n;
}
