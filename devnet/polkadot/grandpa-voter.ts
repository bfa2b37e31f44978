import { concatBytes, type Hex, toHex } from '../../src/shared/bytes.ts';
import type { DevKey } from './authority-keys.ts';
import { type AuthoritySet, computeThreshold } from './authority-set.ts';
import type { Block, BlockTree } from './block-tree.ts';
import { encodeCompact, fromLittleEndian, littleEndian } from './compact.ts';
import { encodeHeader } from './header.ts';
import { bytesOf } from './hex.ts';

/** How one authority behaves: it may not vote at all, or for blocks some way behind. */
export type VoterFault = 'absent' | { readonly lateBlocks: number };

export type VoterOptions = {
  /** Votes stay this far behind the best block. */
  readonly lagBlocks: number;
  /** By authority id. */
  readonly faults: ReadonlyMap<Hex, VoterFault>;
};

type Vote = { readonly key: DevKey; readonly weight: bigint; readonly target: Block };
type Round = { readonly round: number; readonly setId: number };

/** Signs what the dev authorities of the running set would sign, round after round. */
export class GrandpaVoter {
  readonly #tree: BlockTree;
  readonly #keys: ReadonlyMap<Hex, DevKey>;
  #round: Round;

  constructor(tree: BlockTree, keys: readonly DevKey[]) {
    this.#tree = tree;
    this.#keys = new Map(keys.map((key) => [key.publicKey, key]));
    this.#round = readLastRound(tree);
  }

  get round(): Round {
    return this.#round;
  }

  /** The set whose votes are counted now. */
  get currentSet(): AuthoritySet {
    return this.#tree.finalized.grandpa.next;
  }

  /** Finalizes as far as the votes reach; a set's last block is always a target of its own. */
  finalize(options: VoterOptions): void {
    for (;;) {
      const votes = this.#castVotes(options);
      const target = this.#countVotes(votes);
      if (target === undefined) return;
      const round = this.#nextRound();
      const justification = this.#encodeJustification(target, votes, round);
      this.#tree.finalize(target, justification);
    }
  }

  #castVotes({ lagBlocks, faults }: VoterOptions): readonly Vote[] {
    const limit = this.#lastVotable();
    return this.currentSet.authorities.flatMap(({ id, weight }) => {
      const key = this.#keys.get(id);
      const fault = faults.get(id);
      if (key === undefined || fault === 'absent') return [];
      const behind = lagBlocks + (fault?.lateBlocks ?? 0);
      const number = Math.min(limit, this.#tree.best.header.number - behind);
      const target = this.#tree.atNumber(Math.max(number, this.#tree.finalized.header.number));
      return target === undefined ? [] : [{ key, weight, target }];
    });
  }

  /** Honest voters never vote past the block that hands over to the next set. */
  #lastVotable(): number {
    const best = this.#tree.best.header.number;
    for (let number = this.#tree.finalized.header.number + 1; number < best; number++) {
      if (this.#tree.atNumber(number)?.grandpa.endsSet === true) return number;
    }
    return best;
  }

  /** The highest block that a supermajority voted for, itself or through a descendant. */
  #countVotes(votes: readonly Vote[]): Block | undefined {
    const threshold = computeThreshold(this.currentSet);
    const byHeight = [...votes].sort((a, b) => b.target.header.number - a.target.header.number);
    let weight = 0n;
    for (const vote of byHeight) {
      weight += vote.weight;
      if (weight < threshold) continue;
      const isNew = vote.target.header.number > this.#tree.finalized.header.number;
      return isNew ? vote.target : undefined;
    }
    return undefined;
  }

  #nextRound(): Round {
    const { setId } = this.currentSet;
    const round = this.#round.setId === setId ? this.#round.round + 1 : 1;
    this.#round = { round, setId };
    return this.#round;
  }

  /** SPEC: sc-consensus-grandpa, `GrandpaJustification`. */
  #encodeJustification(target: Block, votes: readonly Vote[], round: Round): Hex {
    const counted = votes.filter((vote) => vote.target.header.number >= target.header.number);
    const ancestries = this.#collectAncestries(target, counted);
    return toHex(
      concatBytes(
        littleEndian(BigInt(round.round), 8),
        encodeTarget(target),
        encodeCompact(counted.length),
        ...counted.map((vote) => encodePrecommit(vote, round)),
        encodeCompact(ancestries.length),
        ...ancestries.map(({ header }) => encodeHeader(header)),
      ),
    );
  }

  /** The headers from the highest vote down to the target, the target itself excluded. */
  #collectAncestries(target: Block, votes: readonly Vote[]): readonly Block[] {
    const highest = Math.max(...votes.map((vote) => vote.target.header.number));
    const numbers = Array.from({ length: highest - target.header.number }, (_, i) => highest - i);
    return numbers.flatMap((number) => this.#tree.atNumber(number) ?? []);
  }
}

/** A restored chain goes on after the round of its last justification. */
function readLastRound(tree: BlockTree): Round {
  const { setId } = tree.finalized.grandpa.set;
  const justification = tree.justificationOf(tree.finalized.hash);
  if (justification === undefined) return { round: 0, setId };
  return { round: Number(fromLittleEndian(bytesOf(justification).subarray(0, 8))), setId };
}

function encodeTarget({ hash, header }: Block): Uint8Array {
  return concatBytes(bytesOf(hash), littleEndian(BigInt(header.number), 4));
}

/** The signature covers 53 bytes: 1 (precommit), target hash and number, round, set id. */
function encodePrecommit({ key, target }: Vote, { round, setId }: Round): Uint8Array {
  const vote = encodeTarget(target);
  const payload = concatBytes(
    Uint8Array.of(1),
    vote,
    littleEndian(BigInt(round), 8),
    littleEndian(BigInt(setId), 8),
  );
  return concatBytes(vote, key.sign(payload), bytesOf(key.publicKey));
}
