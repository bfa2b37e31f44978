import { printTable } from '../../report.ts';
import type { Clues, Guesses } from '../adversaries/clues.ts';
import {
  guessGasPayer,
  guessKnownPoster,
  guessReusedAddress,
  guessRoundTrip,
} from '../adversaries/habits.ts';
import { percent, share } from '../format.ts';
import { type Measured, topOne } from '../measures.ts';
import type { Habits } from '../records.ts';

const HABITS: readonly (readonly [string, keyof Habits, (clues: Clues) => Guesses])[] = [
  ['is paid at the address that pays in', 'reusesAddress', guessReusedAddress],
  ['pays the recipient’s gas from it', 'sharesGasPayer', guessGasPayer],
  ['sends it back where it came from', 'makesRoundTrips', guessRoundTrip],
  ['is known to the relayer that posts', 'isKnownToRelayer', guessKnownPoster],
];

/** Prints what people say themselves: of pooled payouts and withdrawals. */
export function printHabits({ clues, samples }: Measured, title: string): void {
  const hidden = samples.filter(({ truth: { mode } }) => mode === 'pooled' || mode === 'account');
  const rows = HABITS.map(([name, habit, attack]) => {
    const guesses = attack(clues);
    const having = hidden.filter(({ truth }) => truth.habits[habit]);
    const said = hidden.filter(({ payout }) => guesses[payout.id] !== undefined);
    return [
      ...[name, percent(having.length / hidden.length), share(topOne(having, guesses))],
      ...[percent(said.length / hidden.length), share(topOne(said, guesses))],
    ];
  });
  printTable({
    title,
    columns: ['who', 'of payouts', 'of these linked', 'attack speaks of', 'and is right'],
    rows,
  });
}
