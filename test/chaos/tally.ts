import type { PGlite } from '@electric-sql/pglite';
import type { Call, Fate, StopAt } from './gate.ts';
import type { SimulatedOperator } from './simulated-operator.ts';
import { chainsOf, type World } from './world.ts';

/** How often what can happen did happen. A schedule that never comes to a state shows nothing of it. */
export class Tally {
  /** By what it is. */
  readonly counts = new Map<string, number>();

  /** Something happened to the world; who and for how long it was is of no matter. */
  countHappening(what: string): void {
    this.#count(
      `happening: ${what.replaceAll(/-?[0-9]+/g, '#').replace(/^(?:first|second|rival)\b/, 'a relayer')}`,
    );
  }

  /** A node has told what is not so. */
  countLie(what: string): void {
    this.#count(`lie: ${what}`);
  }

  /** Something befell a call. */
  countFate({ peer }: Call, fate: Fate): void {
    for (const kind of Object.keys(fate)) this.#count(`${peer}: ${kind}`);
  }

  /** `stopAt`, of which it is noted what the call was that a relayer ended at. */
  countingEnds({ isAt, isCarriedOut }: StopAt): StopAt {
    return {
      isCarriedOut,
      isAt: (call, place) => {
        const isLast = isAt(call, place);
        if (isLast) this.#count(`end ${isCarriedOut ? 'after' : 'before'} a call: ${call.peer}`);
        return isLast;
      },
    };
  }

  /** What a world has come to, by what chains and journals tell of it. */
  async countRest(world: World, operators: readonly SimulatedOperator[]): Promise<void> {
    const journals = await Promise.all(operators.map(({ pglite }) => reasonsIn(pglite)));
    for (const reason of new Set(journals.flat())) this.#count(`told: ${reason}`);
    for (const { blocks } of chainsOf(world)) {
      for (const { revertData } of blocks.flatMap(({ included }) => included)) {
        this.#count(revertData === undefined ? 'included: carried out' : 'included: refused');
      }
    }
  }

  /** Takes over what another has counted. */
  add({ counts }: Tally): void {
    for (const [what, count] of counts) {
      this.counts.set(what, (this.counts.get(what) ?? 0) + count);
    }
  }

  /** One line for each kind, of which all counts are in it. */
  lines(): string[] {
    const kinds = Map.groupBy([...this.counts].sort(), ([what]) => what.split(': ', 1)[0] ?? '');
    return [...kinds].map(([kind, all]) => {
      const counted = all.map(([what, count]) => `${count} × ${what.slice(kind.length + 2)}`);
      return `${kind}: ${counted.join(', ')}`;
    });
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

/** Every reason for which anything came into a state. */
async function reasonsIn(pglite: PGlite): Promise<string[]> {
  const { rows } = await pglite.query<{ reason: string }>(
    'SELECT DISTINCT reason FROM state_changes',
  );
  return rows.map(({ reason }) => reason);
}
