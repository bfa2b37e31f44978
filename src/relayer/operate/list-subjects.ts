import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { explain } from '../../protocol/explain.ts';
import {
  REASONS,
  type StateReason,
  stepFor,
  type TransferState,
} from '../../protocol/transfer-state.ts';
import type { Database } from '../journal/database.ts';

/** Where a subject is. */
export interface ListedSubject {
  /** `message 31337/0`, `release 420420499/7`, `batch 420420499/4`. */
  readonly subject: string;
  readonly state: TransferState;
  readonly reason: StateReason;
  readonly cause: string;
  /** Who has to act next. */
  readonly who: string;
  readonly chainId: string;
  readonly block: number;
  /** Since when, in milliseconds of Unix time. */
  readonly atMs: number;
}

export interface ListFilter {
  /** In which state; in any that something follows on if left out. */
  readonly state?: TransferState | undefined;
  readonly limit: number;
}

const ALL = Object.keys(REASONS) as StateReason[];

const rowSchema = z.object({
  subject: z.string(),
  reason: z.enum(ALL as [StateReason, ...StateReason[]]),
  chain_id: z.coerce.string(),
  block_number: z.coerce.number(),
  at_ms: z.coerce.number(),
});

/** Where subjects are, those that stand there longest first. */
export async function listSubjects(
  database: Database,
  { state, limit }: ListFilter,
): Promise<ListedSubject[]> {
  const wanted = ALL.filter((reason) => isWanted(reason, state));
  // The latest reason of a life counts, whatever became known last: as currentStep has it.
  const { rows } = (await database.execute(sql`
    SELECT * FROM (
      SELECT DISTINCT ON (subject) subject, reason, chain_id, block_number, at_ms FROM state_changes
      ORDER BY subject, array_position(string_to_array(${ALL.join(',')}, ','), reason) DESC
    ) AS currents
    WHERE reason = ANY(string_to_array(${wanted.join(',')}, ','))
    ORDER BY at_ms, subject LIMIT ${limit}`)) as unknown as { rows: unknown[] };
  return rows.map((row) => {
    const { subject, reason, chain_id: chainId, block_number: block, at_ms } = rowSchema.parse(row);
    const told = explain(subject, [stepFor(reason)]);
    const { cause = '', who = 'nobody' } = told ?? {};
    return { subject, ...stepFor(reason), cause, who, chainId, block, atMs: at_ms };
  });
}

function isWanted(reason: StateReason, state: TransferState | undefined): boolean {
  const step = stepFor(reason);
  if (state !== undefined) return step.state === state;
  return explain('', [step])?.isOver === false && step.state !== 'anchored';
}
