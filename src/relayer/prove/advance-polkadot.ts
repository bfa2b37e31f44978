import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine } from '../bridge.ts';

/** Fragments in one command. */
const MAX_FRAGMENTS = 128;

/** Takes an enclave's Polkadot light client to the newest block that a justification shows to be final. */
export async function advancePolkadot(bridge: Bridge, line: EnclaveLine): Promise<EnclaveStatus> {
  const { chain } = bridge.polkadot;
  let status = await line.client.ask('status', {});
  const final = await chain.finalityHead();
  const known = Number(status.polkadot.finalizedNumber);
  const fragments = await chain.finalityFragments(known, final.number);
  for (let from = 0; from < fragments.length; from += MAX_FRAGMENTS) {
    const part = fragments
      .slice(from, from + MAX_FRAGMENTS)
      .map(({ header, justification }) => ({ header, justification }));
    status = await line.client.ask('advancePolkadot', { fragments: part });
  }
  return status;
}
