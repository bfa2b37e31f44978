import { expect, it } from 'vitest';
import { verifyContractSlots } from '../../../src/light-client/polkadot/verify-contract-slot.ts';
import { verifyFinality } from '../../../src/light-client/polkadot/verify-finality.ts';
import { BridgeError } from '../../../src/shared/errors.ts';
import { word } from '../../support/contract-state.ts';
import { describeRecorded } from '../../support/describe-recorded.ts';
import { bytesOf, fragmentOf, genesisStore, readRecordedChain } from './three-authorities.ts';

/** Every byte of `bytes` altered in turn, by one bit that moves. */
function* flips(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    const altered = Uint8Array.from(bytes);
    altered[at] = (altered[at] ?? 0) ^ (1 << (at & 7));
    yield altered;
  }
}

/** Every way to cut `bytes` short, to lengthen them by one byte, and to repeat their end. */
function* resizings(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    yield bytes.subarray(0, at);
    yield Uint8Array.from([...bytes, ...bytes.subarray(at)]);
  }
  for (const byte of [0, 1, 0xff]) yield Uint8Array.from([...bytes, byte]);
}

/** How many of the attempts do not end in a refusal on purpose. */
function countAccepted(attempts: Iterable<() => unknown>): { attempts: number; accepted: number } {
  const counts = { attempts: 0, accepted: 0 };
  for (const attempt of attempts) {
    counts.attempts++;
    try {
      attempt();
      counts.accepted++;
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
    }
  }
  return counts;
}

describeRecorded('recorded bytes, tampered with', () => {
  const chain = readRecordedChain();
  const store = genesisStore(chain);
  const { header, justification } = fragmentOf(chain, 11);

  function* fragments(alter: (bytes: Uint8Array) => Iterable<Uint8Array>) {
    for (const altered of alter(justification)) {
      yield () => verifyFinality(store, { header, justification: altered });
    }
    for (const altered of alter(header)) {
      yield () => verifyFinality(store, { header: altered, justification });
    }
  }

  it('finalize nothing, whichever byte of justification or header is altered', () => {
    expect(() => verifyFinality(store, { header, justification })).not.toThrow();
    const attempts = justification.length + header.length;
    expect(countAccepted(fragments(flips))).toEqual({ attempts, accepted: 0 });
  });

  it('finalize nothing, wherever they are cut short or lengthened', () => {
    const { attempts, accepted } = countAccepted(fragments(resizings));
    expect(attempts).toBeGreaterThan(1000);
    expect(accepted).toBe(0);
  });

  it('finalize nothing, whichever justification is put beside another header', () => {
    const others = chain.justifications.map((_, i) => i + 1).filter((number) => number !== 11);
    const swaps = others.map((number) => () => {
      verifyFinality(store, { header: fragmentOf(chain, number).header, justification });
    });
    expect(countAccepted(swaps)).toEqual({ attempts: 101, accepted: 0 });
  });

  it('prove no slot, whichever byte of a read proof is altered', () => {
    const { contract } = chain;
    const nodes = bytesOf(contract.childProof.nodes);
    const slots = contract.slots.slice(0, 3).map(({ slot }) => word(slot));
    const read = (set: readonly Uint8Array[]) =>
      verifyContractSlots(contract.stateRoot, contract, slots, set);
    expect(read(nodes)).toHaveLength(3);
    function* reads() {
      for (const [i, node] of nodes.entries()) {
        for (const altered of flips(node)) yield () => read(nodes.with(i, altered));
        for (const short of [node.subarray(1), node.subarray(0, -1), new Uint8Array(0)]) {
          yield () => read(nodes.with(i, short));
        }
      }
    }
    const bytes = nodes.reduce((sum, node) => sum + node.length, 0);
    const attempts = bytes + 3 * nodes.length;
    expect(countAccepted(reads())).toEqual({ attempts, accepted: 0 });
  });
});
