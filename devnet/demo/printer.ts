import { formatTable } from '../../src/client/format-table.ts';
import { explainReason } from '../../src/client/next-step.ts';
import type { StateChange } from '../../src/client/transfer-history.ts';
import { formatUnits } from '../../src/shared/units.ts';
import type { BalanceLine } from './bookkeeping.ts';

/** What the demo says, line by line. */
export interface Printer {
  say(text: string): void;
  /** A transfer is in a new state, `sinceMs` after its last. */
  change(label: string, change: StateChange & { readonly chain: string }, sinceMs: number): void;
  /** An account inside the ledger has come further, as its owner alone is told. */
  inside(label: string, state: string, round: bigint): void;
  /** Nothing new: how many transfers are on their way, and how long until finality is expected. */
  progress(open: number, unfinal: number, etaMs: number | undefined): void;
  table(lines: readonly BalanceLine[]): void;
}

const DECIMALS = 18;
const NUMBER_COLUMNS = [3, 4, 5, 6];

/** Prints to standard output, with the seconds since `startMs` before each line. */
export function createPrinter(startMs: number): Printer {
  const say = (text: string) => {
    const elapsed = ((Date.now() - startMs) / 1000).toFixed(1).padStart(6);
    console.log(`${elapsed}s  ${text}`);
  };
  return {
    say,
    change: (label, { state, chain, blockNumber, reason }, sinceMs) => {
      const where = `${chain} block ${blockNumber}`;
      const since = `+${(sinceMs / 1000).toFixed(1)}s`;
      const told = explainReason(reason);
      const why = told === '' ? '' : `  (${told})`;
      say(`${state.padEnd(10)} ${where.padEnd(20)} ${since.padStart(7)}  ${label}${why}`);
    },
    inside: (label, state, round) => {
      say(`${state.padEnd(10)} ${`ledger round ${round}`.padEnd(20)} ${''.padStart(7)}  ${label}`);
    },
    progress: (open, unfinal, etaMs) => {
      const transfers = open === 1 ? '1 transfer' : `${open} transfers`;
      const eta =
        etaMs === undefined
          ? 'commits and releases are under way'
          : `${unfinal === 1 ? '1 waits' : `${unfinal} wait`} for finality, the last for about ${Math.ceil(etaMs / 1000)} s more`;
      say(`…          ${transfers} on the way: ${eta}`);
    },
    table: (lines) => console.log(`\n${formatBalances(lines)}\n`),
  };
}

function formatBalances(lines: readonly BalanceLine[]): string {
  const rows = lines.map(({ label, place, symbol, before, after, expected }) => [
    label,
    place,
    symbol,
    formatUnits(before, DECIMALS),
    formatUnits(after, DECIMALS),
    formatUnits(after - before, DECIMALS),
    after === expected ? 'exact' : `off by ${after - expected} wei`,
  ]);
  const header = ['account', 'place', 'asset', 'before', 'after', 'change', 'as expected'];
  return formatTable(header, rows, NUMBER_COLUMNS);
}
