import { describe, expect, it } from 'vitest';
import {
  CONTROL_KINDS,
  type ControlContent,
  encodeControl,
} from '../../../../src/protocol/control.ts';
import type { Side } from '../../../../src/relayer/bridge.ts';
import {
  controlFor,
  lastDueRound,
  type TimedBridge,
} from '../../../../src/relayer/commit/due-round.ts';
import type { ControlRow } from '../../../../src/relayer/journal/control-messages.ts';
import { type Suspension, suspensionsOf } from '../../../../src/relayer/suspensions.ts';
import { toHex } from '../../../../src/shared/bytes.ts';

const T0 = 1_000_000n;
const schedule = { startSec: T0, roundSec: 4n };
const side = (chainId: bigint, lagSec: bigint) =>
  ({ chain: { chainId }, lagSec }) as Partial<Side> as Side;
const ethereum = side(1n, 26n);
const polkadot = side(2n, 6n);
const bridge: TimedBridge = {
  schedule,
  sides: [ethereum, polkadot],
  anchor: { side: polkadot, address: '0xaa' },
};

/** The last due round after `round`, the chains proven at so many seconds after T0. */
function due(round: bigint, at: Record<string, bigint>, suspended: readonly Suspension[] = []) {
  const { ethereum: one = 0n, polkadot: two = 0n, control = two } = at;
  const chains = new Map([
    [1n, T0 + one],
    [2n, T0 + two],
  ]);
  return lastDueRound(bridge, { round, suspended }, { chains, control: T0 + control });
}

describe('the last round that is due', () => {
  it('is complete for a chain a second after its cut, not at it', () => {
    // Round 10 ends at T0 + 40: its cut is at 14 on the one chain, at 34 on the other.
    expect(due(9n, { ethereum: 14n, polkadot: 100n })).toBe(9n);
    expect(due(9n, { ethereum: 15n, polkadot: 100n })).toBe(10n);
    expect(due(9n, { ethereum: 100n, polkadot: 34n })).toBe(9n);
    expect(due(9n, { ethereum: 100n, polkadot: 35n })).toBe(10n);
  });

  it('is as many rounds on as every chain allows', () => {
    expect(due(0n, { ethereum: 15n, polkadot: 100n })).toBe(10n);
    expect(due(0n, { ethereum: 100n, polkadot: 35n })).toBe(10n);
  });

  it('waits for the anchor’s own outbox as for a chain', () => {
    expect(due(9n, { ethereum: 100n, polkadot: 100n, control: 34n })).toBe(9n);
    expect(due(9n, { ethereum: 100n, polkadot: 100n, control: 35n })).toBe(10n);
  });

  it('is the one that the ledger has, where nothing is known of a chain', () => {
    const times = { chains: new Map([[2n, T0 + 100n]]), control: T0 + 100n };
    expect(lastDueRound(bridge, { round: 3n, suspended: [] }, times)).toBe(3n);
  });

  const stop = { chainId: 1n, isSuspended: true, holdsFrom: 5n };
  const go = { chainId: 1n, isSuspended: false, holdsFrom: 8n };

  it('does not wait for a chain in the rounds in which it is suspended', () => {
    // By itself the chain is complete up to round 4.
    const times = { ethereum: -5n, polkadot: 100n };
    expect(due(3n, times)).toBe(5n);
    expect(due(3n, { ...times, ethereum: -9n })).toBe(4n);
    expect(due(3n, { ...times, ethereum: -9n }, [stop])).toBe(26n);
    expect(due(3n, { ...times, ethereum: -9n }, [stop, go])).toBe(7n);
    expect(due(7n, { ...times, ethereum: -9n }, [stop, go])).toBe(7n);
  });

  it('goes by what was said last of a chain, and by nothing that was said of another', () => {
    const times = { ethereum: -9n, polkadot: 100n };
    expect(due(3n, times, [stop, { ...go, holdsFrom: 5n }])).toBe(4n);
    expect(due(3n, times, [{ ...go, holdsFrom: 5n }, stop])).toBe(26n);
    expect(due(3n, times, [{ ...stop, chainId: 2n }])).toBe(4n);
  });
});

function row(index: bigint, content: ControlContent, change: Partial<ControlRow> = {}): ControlRow {
  const { kind, payload } = encodeControl(content);
  const place = { index, sentAtSec: T0 + 33n, round: 0n, blockNumber: 7, isFinal: true };
  return { ...place, kind, payload: toHex(payload), ...change };
}

describe('what governance says of suspensions', () => {
  it('holds from the round that a suspension was stamped with', () => {
    const [said] = suspensionsOf(schedule, 6n, [
      row(0n, { kind: 'suspend', chainId: 1n }, { round: 3n }),
    ]);
    expect(said).toEqual({ chainId: 1n, isSuspended: true, holdsFrom: 3n });
  });

  it('lets a chain go on in the round after the one that consumes it, or the later one that it names', () => {
    const resume = { kind: 'resume', chainId: 1n } as const;
    // Sent at 33, lag 6: round 10 consumes it.
    const said = suspensionsOf(schedule, 6n, [
      row(0n, resume),
      row(1n, resume, { round: 11n }),
      row(2n, resume, { round: 12n }),
    ]);
    expect(said.map(({ holdsFrom }) => holdsFrom)).toEqual([11n, 11n, 12n]);
  });

  describe('of a chain that is suspended again', () => {
    const chain = { chainId: 1n };
    const suspend = (index: bigint, round: bigint) =>
      row(index, { kind: 'suspend', ...chain }, { round });
    // Held from round 11 on, unless it is withdrawn.
    const resume = (index: bigint, chainId = 1n) => row(index, { kind: 'resume', chainId });
    const said = (...rows: readonly ControlRow[]) => suspensionsOf(schedule, 6n, rows);
    // A chain that is dead since before round 1.
    const dead = { ethereum: -100n, polkadot: 100n };

    it('is not that it goes on in a round that was still to come: the chain is never waited for', () => {
      const all = said(suspend(0n, 3n), resume(1n), suspend(2n, 9n));
      expect(all.map(({ holdsFrom }) => holdsFrom)).toEqual([3n, 9n]);
      expect(due(8n, dead, said(suspend(0n, 3n), resume(1n)))).toBe(10n);
      expect(due(8n, dead, all)).toBe(26n);
    });

    it('is so from the very round on from which it was to go on, and not if it went on a round before', () => {
      expect(said(resume(0n), suspend(1n, 11n))).toHaveLength(1);
      expect(said(resume(0n), suspend(1n, 12n))).toHaveLength(2);
      expect(due(8n, dead, said(suspend(0n, 3n), resume(1n), suspend(2n, 12n)))).toBe(10n);
    });

    it('leaves what is said later, and what is said of others', () => {
      const all = said(suspend(0n, 3n), resume(1n, 2n), suspend(2n, 9n), resume(3n));
      expect(all).toHaveLength(4);
      expect(due(8n, dead, all)).toBe(10n);
    });
  });

  it('is in no other message, nor in one that nobody can read', () => {
    const suspend = row(1n, { kind: 'suspend', chainId: 1n });
    expect(
      suspensionsOf(schedule, 6n, [
        row(0n, { kind: 'startEpoch', epoch: 2n }),
        { ...suspend, payload: '0x01' },
      ]),
    ).toEqual([]);
  });
});

describe('the control messages of a commit', () => {
  const known = [10n, 20n, 20n, 30n].map((sentAtSec) => ({
    sentAtSec,
    kind: CONTROL_KINDS.setRate as number,
  }));

  it('are those up to the cut, the second of the cut included', () => {
    expect(controlFor(9n, 0n, known)).toBe(0n);
    expect(controlFor(20n, 0n, known)).toBe(3n);
    expect(controlFor(29n, 0n, known)).toBe(3n);
  });

  it('reach beyond the cut to the latest suspension, and no further', () => {
    const suspend = { sentAtSec: 40n, kind: CONTROL_KINDS.suspend };
    const more = [...known, suspend, { sentAtSec: 41n, kind: CONTROL_KINDS.resume }];
    expect(controlFor(20n, 0n, more)).toBe(5n);
    expect(controlFor(41n, 0n, more)).toBe(6n);
  });

  it('are never fewer than the ledger has', () => {
    expect(controlFor(9n, 4n, known)).toBe(4n);
  });
});
