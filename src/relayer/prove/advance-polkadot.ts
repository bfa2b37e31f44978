import type { FinalityFragment } from '../../chains/substrate/finality-source.ts';
import { RemoteRefusal } from '../../enclave-client/enclave-client.ts';
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
    status = await send(line, fragments.slice(from, from + MAX_FRAGMENTS));
  }
  return status;
}

/** What another relayer's look at the chain has made old by now; where the enclave stands says the status. */
const OVERTAKEN = new Set(['GRANDPA_NOT_NEWER', 'GRANDPA_SIGNATURE_INVALID']);

async function send(
  { client }: EnclaveLine,
  fragments: readonly FinalityFragment[],
): Promise<EnclaveStatus> {
  const first = fragments[0]?.number ?? 0;
  const bare = fragments.map(({ header, justification }) => ({ header, justification }));
  try {
    return await client.ask('advancePolkadot', { fragments: bare });
  } catch (error) {
    if (!(error instanceof RemoteRefusal) || !OVERTAKEN.has(error.code)) throw error;
    const status = await client.ask('status', {});
    // It has not moved past the first of them: then they were bad, not late.
    if (Number(status.polkadot.finalizedNumber) < first) throw error;
    return status;
  }
}
