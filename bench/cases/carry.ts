import type { MessageBody } from '../../src/protocol/message.ts';
import { cutOf, type EnclaveWorld, ETHEREUM, POLKADOT } from '../../test/support/enclave-world.ts';
import { type Action, cpuMs } from '../timing.ts';

/** Processor time that messages took, by the command that they took it in. */
export interface Carried {
  /** Their replay to a proven head. */
  readonly ingestMs: number;
  /** Opening them and all of their round. */
  readonly proposeMs: number;
}

/** When a message must be sent to be among the last that the world's next round takes. */
export function nextCutSec(world: EnclaveWorld): bigint {
  return cutOf(ETHEREUM, world.ledger.state.round + 1n);
}

/** Carries messages of the first chain through the enclave's own commands: one proof, one round. Nothing is anchored. */
export async function carry(
  world: EnclaveWorld,
  messages: MessageBody[],
  timeOf: (action: Action) => Promise<number> = cpuMs,
): Promise<Carried> {
  const round = world.ledger.state.round + 1n;
  world.nowSec = cutOf(ETHEREUM, round) + 1n;
  const fromIndex = BigInt(world.outboxes.get(ETHEREUM)?.length ?? 0);
  for (const message of messages) world.deposit(ETHEREUM, message);
  const proof = world.proveOutbox(ETHEREUM);
  const ingestMs = await timeOf(() =>
    world.run('ingest', { chainId: ETHEREUM, fromIndex, messages, proof }),
  );
  world.nowSec = cutOf(POLKADOT, round) + 1n;
  await world.ingestAll(POLKADOT);
  await world.ingestGovernance();
  const proposeMs = await timeOf(() => world.propose());
  return { ingestMs, proposeMs };
}
