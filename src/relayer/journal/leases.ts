import { eq, sql } from 'drizzle-orm';
import { BridgeError } from '../../shared/errors.ts';
import type { Database } from './database.ts';
import { makeOnce } from './made-statement.ts';
import { leases } from './schema.ts';

/** The right to do something alone, until somebody else has it: writes that show an older token than the lease's are refused. */
export interface Fence {
  /** What the lease is of. */
  readonly lease: string;
  readonly token: bigint;
}

interface Claim {
  readonly lease: string;
  /** Who asks: the same for all that one process asks for, and for nobody else. */
  readonly holder: string;
  readonly leaseMs: number;
}

/**
 * Takes a lease, or prolongs it, by the database's clock. Its token grows whenever another takes it. All who claim one claim it for as
 * long.
 *
 * @returns undefined while another holds it
 */
export async function claimLease(
  database: Database,
  { lease, holder, leaseMs }: Claim,
): Promise<Fence | undefined> {
  const expiresAt = sql`clock_timestamp() + ${leaseMs} * interval '1 millisecond'`;
  // Nobody claims one for so long: the database's clock was set back since, and who had it may be gone for good.
  const wasSetBack = sql`${leases.expiresAt} > clock_timestamp() + ${2 * leaseMs} * interval '1 millisecond'`;
  const [row] = await database
    .insert(leases)
    .values({ name: lease, holder, token: 1n, expiresAt })
    .onConflictDoUpdate({
      target: leases.name,
      set: {
        holder: sql`excluded.holder`,
        token: sql`CASE WHEN ${leases.holder} = excluded.holder THEN ${leases.token} ELSE ${leases.token} + 1 END`,
        expiresAt: sql`excluded.expires_at`,
      },
      setWhere: sql`${leases.holder} = excluded.holder OR ${leases.expiresAt} < clock_timestamp() OR ${wasSetBack}`,
    })
    .returning({ token: leases.token });
  return row && { lease, token: row.token };
}

/** Who has a lease, or had it last. */
export interface Tenancy {
  readonly holder: string;
  /** By the database's clock; one that has run out is anybody's. */
  readonly isHeld: boolean;
}

/** Who has a lease; undefined if nobody ever has. */
export async function leaseOf(database: Database, lease: string): Promise<Tenancy | undefined> {
  const isHeld = sql<boolean>`${leases.expiresAt} > clock_timestamp()`;
  const [row] = await database
    .select({ holder: leases.holder, isHeld })
    .from(leases)
    .where(eq(leases.name, lease));
  return row;
}

/** Gives up all that a holder has, so that nobody has to wait for it to run out. */
export async function releaseLeases(database: Database, holder: string): Promise<void> {
  await database
    .update(leases)
    .set({ expiresAt: sql`'-infinity'` })
    .where(eq(leases.holder, holder));
}

/**
 * Does in one transaction what only the holder of a lease may do. Nobody takes the lease before that transaction has ended, so what is
 * written under it is seen by whoever has it next.
 *
 * @throws {LeaseError} JOURNAL_LEASE_LOST
 */
export async function underLease<T>(
  database: Database,
  { lease, token }: Fence,
  work: (tx: Database) => Promise<T>,
): Promise<T> {
  return await database.transaction(async (tx) => {
    const [held] = await tokenOf(tx, { lease });
    if (held?.token !== token) throw new LeaseError({ lease });
    return await work(tx);
  });
}

const tokenOf = makeOnce(['lease'], (database, { lease }) =>
  database.select({ token: leases.token }).from(leases).where(eq(leases.name, lease)).for('share'),
);

/** Another process has taken over what this one was about to write. */
export class LeaseError extends BridgeError<{ lease: string }> {
  readonly code = 'JOURNAL_LEASE_LOST';
  readonly disposition = 'retry';
  constructor(meta: { lease: string }) {
    super(`The lease of "${meta.lease}" is another process's now; nothing was written.`, meta);
  }
}
