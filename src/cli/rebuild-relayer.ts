import { rebuildJournal } from '../relayer/operate/rebuild-journal.ts';
import { type OperatorOptions, printAnswer, relayerConfigOf } from './ask-relayer.ts';
import { confirm } from './confirm.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** `relayer rebuild`. @throws {CommandLineError} nobody agreed @throws {JournalBusy} */
export async function rebuild(
  options: OperatorOptions & { readonly yes?: boolean },
): Promise<ExitCode> {
  const config = relayerConfigOf(options);
  if (options.yes !== true) {
    console.log(
      'all of the journal that the chains tell again is forgotten, and read anew at the next start;',
    );
    console.log(
      'open transactions, holds and snapshots are kept. `veilspan relayer doctor` says whether the nodes have the history',
    );
    await confirm(options);
  }
  await rebuildJournal(config);
  const fromBlocks = config.chains.map(({ name, fromBlock }) => ({ chain: name, fromBlock }));
  printAnswer(options, { readAgain: fromBlocks }, () => [
    'forgotten; the relayer reads again when it is started:',
    ...fromBlocks.map(({ chain, fromBlock }) => `  ${chain} from block ${fromBlock}`),
  ]);
  return EXIT.ok;
}
