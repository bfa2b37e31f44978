import type { Hex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import type { Database } from './database.ts';
import { bridgePlaces } from './schema.ts';

/** What tells one bridge from another: where its contracts are. */
export interface BridgeIdentity {
  readonly anchor: { readonly chainId: bigint; readonly address: Hex };
  readonly chains: readonly { readonly chainId: bigint; readonly gateway: Hex }[];
}

/**
 * Notes whose journal it is, or compares: rows of another bridge would be taken for what this one has seen. Chains may be added.
 *
 * @throws {JournalForeign}
 */
export async function requireSameBridge(
  database: Database,
  { anchor, chains }: BridgeIdentity,
): Promise<void> {
  const configured = new Map([
    ['anchor', `${anchor.chainId}/${anchor.address}`],
    ...chains.map(({ chainId, gateway }) => [`gateway ${chainId}`, gateway] as const),
  ]);
  await database.transaction(async (tx) => {
    const rows = [...configured].map(([place, contract]) => ({ place, contract }));
    await tx.insert(bridgePlaces).values(rows).onConflictDoNothing();
    for (const { place, contract } of await tx.select().from(bridgePlaces)) {
      const expected = configured.get(place) ?? contract;
      if (contract !== expected) throw new JournalForeign({ place, journal: contract, expected });
    }
  });
}

/** The journal was kept for a bridge with other contracts. */
export class JournalForeign extends BridgeError<{
  place: string;
  journal: string;
  expected: string;
}> {
  readonly code = 'JOURNAL_FOREIGN';
  readonly disposition = 'reject';
  constructor(meta: { place: string; journal: string; expected: string }) {
    const { place, journal, expected } = meta;
    super(
      `The journal is another bridge's: its ${place} is ${journal}, the configured one ${expected}; give this relayer a journal of its own.`,
      meta,
    );
  }
}
