import { type DryRun, planOnce } from '../relayer/operate/dry-run.ts';
import { formatCoins } from '../shared/units.ts';
import { type OperatorOptions, printAnswer, relayerConfigOf } from './ask-relayer.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { terminalTable } from './terminal-table.ts';

/** `relayer run --dry-run`. */
export async function dryRun(options: OperatorOptions, signal: AbortSignal): Promise<ExitCode> {
  const found = await planOnce(relayerConfigOf(options), signal);
  printAnswer(options, found, formatDryRun);
  return found.unseen.length === 0 ? EXIT.ok : EXIT.unreachable;
}

/** What there is to do, and what cannot be seen, in lines. */
export function formatDryRun({ jobs, unseen }: DryRun): string[] {
  const rows = jobs.map(({ lane, what, mostWei, isHeld }) => [
    isHeld ? `${lane}, held` : lane,
    what,
    mostWei === null ? '' : formatCoins(BigInt(mostWei)),
  ]);
  return [
    ...(rows.length === 0
      ? [unseen.length === 0 ? 'there is nothing to do' : 'nothing to do was seen']
      : [terminalTable(['lane', 'what', 'coins at most'], rows, [2])]),
    ...unseen.map(({ look, why }) => `not seen: ${look}: ${why}`),
    'a dry run: nothing was done',
  ];
}
