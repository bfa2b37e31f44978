import { GATEWAY_SLOTS } from '../../protocol/contracts.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine, Side } from '../bridge.ts';
import { knownSuspensions, resumesAfter } from '../suspensions.ts';
import { codeOf } from '../unexpected-error.ts';
import { advance } from './advance.ts';
import { askWithProof } from './ask-with-proof.ts';
import { outboxOf } from './outbox.ts';
import { proveControl } from './prove-control.ts';
import { proveOutbox } from './prove-messages.ts';
import { provenBlock } from './proven-block.ts';
import type { Lane } from './send-portions.ts';

/** An enclave after it was shown what is final. */
export interface UpToDate {
  /** What it says of itself. */
  readonly status: EnclaveStatus;
  /** What it could not be shown, and the code of why, each in words. */
  readonly unshown: readonly string[];
}

/** What one light client or one chain does not show in this time is left for the next look. */
const SHOW_MS = 30_000;

/**
 * Shows an enclave all that is final now: every light client's newest block, and under it every chain's outbox and what
 * its gateway has paid, and the anchor's own outbox. A chain that cannot be shown, or hangs, keeps none of the others back: what
 * the enclave lacks then, its status says. One that the ledger knows to be suspended is not asked, for no round waits for it, until governance has
 * said that it goes on: the round from which it does is not consumed without it. For a sequence that has the enclave to itself.
 *
 * @param signal once it says stop, nothing more is sent
 * @throws whatever the signal stops it with
 */
export async function bringUpToDate(
  bridge: Bridge,
  line: EnclaveLine,
  signal: AbortSignal,
): Promise<UpToDate> {
  signal.throwIfAborted();
  const { ledger } = await line.client.ask('status', {});
  const { anchor, sides } = bridge;
  const said = await knownSuspensions(bridge);
  const isWaitedFor = (side: Side) => {
    const { chainId } = side.chain;
    if (side === anchor.side || !ledger.suspended.includes(chainId)) return true;
    return resumesAfter(said, chainId, ledger.round);
  };
  const byClient = Map.groupBy(sides.filter(isWaitedFor), ({ lightClient }) => lightClient);
  const showing = { bridge, line, signal, unshown: [] };
  await Promise.all([...byClient].map(([client, its]) => show(showing, client, its)));
  signal.throwIfAborted();
  return { status: await line.client.ask('status', {}), unshown: showing.unshown };
}

interface Showing {
  readonly bridge: Bridge;
  readonly line: EnclaveLine;
  readonly signal: AbortSignal;
  readonly unshown: string[];
}

/** A light client's newest block, and then what it shows of the chains that lean on it. */
async function show(showing: Showing, client: string, sides: readonly Side[]): Promise<void> {
  const { bridge, line } = showing;
  await attempt(showing, `the finality of ${client}`, (stop) =>
    advance(bridge, line, client, stop),
  );
  const status = await line.client.ask('status', {});
  const works = sides.flatMap((side) => {
    const underBlock = (what: string, work: (lane: Lane) => Promise<void>) =>
      attempt(showing, `${what} of ${side.chain.name}`, async (stop) => {
        const block = await provenBlock(status, side);
        if (block !== undefined) await work({ line, side, block, signal: stop });
      });
    const outbox = underBlock('the outbox', async (lane) => {
      await proveOutbox(bridge, lane, status);
      await provePaid(bridge, lane, status);
    });
    if (side !== bridge.anchor.side) return [outbox];
    return [outbox, underBlock('the word', (lane) => proveControl(bridge, lane, status))];
  });
  await Promise.all(works);
}

async function attempt(
  { bridge: { vitals, log }, line, signal, unshown }: Showing,
  what: string,
  work: (stop: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const name = `${what} for ${line.name}`;
  try {
    await vitals.wait(name, SHOW_MS, (late) => work(AbortSignal.any([signal, late])));
  } catch (error) {
    unshown.push(`${name} (${codeOf(error)})`);
    if (!signal.aborted) log.warn({ err: error, what: name }, 'cannot show all that is final');
  }
}

/** What a gateway has paid need not be kept, nor signed again. */
async function provePaid(bridge: Bridge, lane: Lane, status: EnclaveStatus): Promise<void> {
  const { line, side, block, signal } = lane;
  const { chainId } = side.chain;
  const slot = GATEWAY_SLOTS.releasedCount;
  const word = await side.chain.word(side.gateway, slot, block.hash);
  const paid = BigInt.asUintN(64, BigInt(word));
  if (paid <= (outboxOf(status, chainId)?.paid ?? 0n)) return;
  const proof = await side.chain.stateProof({ address: side.gateway }, slot, block.held);
  signal.throwIfAborted();
  const ask = () => line.client.ask('proveReleased', { chainId, proof });
  await askWithProof(bridge, { chain: side.chain, proof, ask });
}
