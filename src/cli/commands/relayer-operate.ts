import { type Command, InvalidArgumentError, Option } from 'commander';
import { REASONS } from '../../protocol/transfer-state.ts';
import type { OperatorOptions } from '../ask-relayer.ts';

/** Adds the commands by which an operator looks into a relayer, and tells it what to do. */
export function addOperatorCommands(relayer: Command): void {
  addLooking(relayer);
  addTelling(relayer);
  addExamining(relayer);
  addBundle(relayer);
  addNonce(relayer);
  addRebuild(relayer);
}

function addLooking(relayer: Command): void {
  const states = [...new Set(Object.values(REASONS).map(([state]) => state))];
  operator(relayer.command('list'), {
    summary: 'what is on its way, the longest first',
    description:
      'Lists messages, releases and batches that are on their way, those first that stand where they are for longest. Asks the relayer ' +
      'that runs, or reads its journal.',
  })
    .addOption(new Option('--state <state>', 'only what is in this state').choices(states))
    .option('--limit <n>', 'how many at most', parseLimit, 100)
    .action(async (options: OperatorOptions & { state?: never; limit: number }) => {
      const { listPending } = await import('../ask-relayer.ts');
      process.exitCode = await listPending(options);
    });
  operator(relayer.command('explain'), {
    summary: 'why something is where it is, and who acts next',
    description:
      'Explains a transfer, a release, a batch or a commit: the cause, the evidence with blocks and transactions, who has to act next, and ' +
      'the command for it. Of a transaction hash or a tag: everything that bears it.',
  })
    .argument('<id>', ABOUT_ID)
    .action(async (id: string, options: OperatorOptions) => {
      const { explainId } = await import('../ask-relayer.ts');
      process.exitCode = await explainId(id, options);
    });
  operator(relayer.command('lanes'), {
    summary: 'what the relayer that runs is doing',
    description:
      'Shows how each lane of the relayer that runs stands, its alarms, and what its operator holds.',
  }).action(async (options: OperatorOptions) => {
    const { showLanes } = await import('../ask-relayer.ts');
    process.exitCode = await showLanes(options);
  });
}

const ABOUT_ID =
  '<chain id>/<index> of a transfer, release/<chain id>/<index>, batch/<chain id>/<first index>, commit/<number>, a transaction hash or a tag';
const ABOUT_HELD = 'batch/<chain id>/<first index>, or <chain id>/<index> of a transfer';

type HoldOptions = OperatorOptions & { readonly reason: string };

function addTelling(relayer: Command): void {
  hold(relayer.command('pause'), {
    summary: 'has a lane, or all of them, do nothing',
    description:
      'Has a lane do nothing until `resume`; without a name all lanes. It holds across restarts, and for every relayer of this journal. ' +
      '`veilspan relayer lanes` has the names.',
  })
    .argument('[lane...]', 'name of a lane, such as `release polkadot`')
    .action((lane: string[], options: HoldOptions) => place(laneSubject(lane), options));
  operator(relayer.command('resume'), {
    summary: 'ends a pause',
    description: 'Has a lane go on that was paused; without a name what was paused without one.',
  })
    .argument('[lane...]', 'name of the lane')
    .action((lane: string[], options: OperatorOptions) => lift(laneSubject(lane), options));
  hold(relayer.command('quarantine'), {
    summary: 'holds a batch, or marks a message',
    description:
      'Holds a batch, and with it the line of its gateway behind it, until `release`. A message cannot be held out of its round, which the ' +
      'chains alone decide: it is only marked.',
  })
    .argument('<id>', ABOUT_HELD)
    .action((id: string, options: HoldOptions) => place(id, options));
  operator(relayer.command('release'), {
    summary: 'lets go what was quarantined',
    description: 'Lets a batch go on that was quarantined, or takes the mark off a message.',
  })
    .argument('<id>', ABOUT_HELD)
    .action((id: string, options: OperatorOptions) => lift(id, options));
  operator(relayer.command('retry'), {
    summary: 'tries again now what has failed',
    description:
      'Forgets that a lane has failed, or was halted, and has it try again now; without a name all lanes. Of an id: the lane it waits for.',
  })
    .argument('[lane or id...]', 'name of a lane, or an id as `explain` takes it')
    .action(async (what: string[], options: OperatorOptions) => {
      const { retryLane } = await import('../ask-relayer.ts');
      process.exitCode = await retryLane(what.join(' ') || '*', options);
    });
}

function addExamining(relayer: Command): void {
  operator(relayer.command('doctor'), {
    summary: 'checks everything that a relayer needs',
    description:
      'Checks the machine, the journal, the queue, each chain and its contracts, the signers and the enclaves, and says of each check what ' +
      'to do about it. It changes nothing, and may run beside the relayer. Exit code 1 if something fails.',
  }).action(async (options: OperatorOptions) => {
    const { runDoctor } = await import('../examine-relayer.ts');
    // What still hangs has been told, and is not waited for.
    process.exit(await runDoctor(options));
  });
  operator(relayer.command('keys'), {
    summary: 'addresses of signers and enclaves, and what the registries say of them',
    description:
      'Shows the addresses that this relayer signs with, and of each enclave its signer, its measurement and its standing in the registry ' +
      'of each chain. Never a secret.',
  }).action(async (options: OperatorOptions) => {
    const { showKeys } = await import('../examine-relayer.ts');
    process.exitCode = await showKeys(options);
  });
  operator(relayer.command('balance'), {
    summary: 'what the signers have',
    description:
      'Shows what each account that submits has to pay for transactions with: the signer on each chain, and one that only commits.',
  }).action(async (options: OperatorOptions) => {
    const { showBalances } = await import('../examine-relayer.ts');
    process.exitCode = await showBalances(options);
  });
}

function addNonce(relayer: Command): void {
  const nonce = relayer
    .command('nonce')
    .description('The nonces of the accounts that submit, and what is open of them.');
  operator(nonce.command('show'), {
    summary: 'how the nonces of each account stand, on its chain and in the journal',
    description:
      'Shows of each account what the chain and the journal say of its nonces, what is open and for how many blocks, which nonces nothing ' +
      'stands on, and which process uses the account. Asks the relayer that runs, or its chains and its journal.',
  }).action(async (options: OperatorOptions) => {
    const { showNonces } = await import('../repair-nonces.ts');
    process.exitCode = await showNonces(options);
  });
  operator(nonce.command('repair'), {
    summary: 'brings what is open of a chain on, and fills holes',
    description:
      'Does now what a relayer does for its accounts on a chain as blocks come: notes what blocks have, hands over again what none has, ' +
      'prices it anew where it offers too little, and fills nonces that nothing stands on. Prints what that comes to, and does it only with ' +
      '--yes. Where a relayer runs it is the one that does it; where none does, the lease of the account says whether this process may.',
  })
    .argument('<chain>', 'name of the chain in the configuration')
    .option('--yes', 'do it')
    .action(async (chain: string, options: OperatorOptions & { yes?: boolean }) => {
      const { repairNonces } = await import('../repair-nonces.ts');
      process.exitCode = await repairNonces(chain, options);
    });
}

function addRebuild(relayer: Command): void {
  operator(relayer.command('rebuild'), {
    summary: 'forgets the journal and has it read from the chains again',
    description:
      'Forgets everything in the journal that the chains tell again; the next start reads it from `fromBlock` on. Kept are transactions that ' +
      'may be open, holds and snapshots. Refused while a relayer runs. The nodes need the logs since then: see `doctor`.',
  })
    .option('--yes', 'do not ask')
    .action(async (options: OperatorOptions & { yes?: boolean }) => {
      const { rebuild } = await import('../rebuild-relayer.ts');
      process.exitCode = await rebuild(options);
    });
}

function addBundle(relayer: Command): void {
  const bundle = relayer
    .command('bundle')
    .description('Proof bundles: what anybody can check with `veilspan verify`.');
  operator(bundle.command('export'), {
    summary: 'writes a proof of what a chain holds of a transfer, a release, a batch or a commit',
    description:
      'Takes the newest final block for a checkpoint and writes a proof of what the gateway, or the anchor, holds there: that a message was ' +
      'taken, a release made, a commit kept. The file rests on that checkpoint, which its reader compares with another node.',
  })
    .argument('<id>', 'as `explain` takes it, but no hash')
    .requiredOption('--out <file>', 'where to write it; not there yet')
    .action(async (id: string, options: OperatorOptions & { out: string }) => {
      const { exportBundle } = await import('../export-bundle.ts');
      process.exitCode = await exportBundle(id, options);
    });
}

async function place(subject: string, options: HoldOptions): Promise<void> {
  const { placeHold } = await import('../ask-relayer.ts');
  process.exitCode = await placeHold(subject, options);
}

async function lift(subject: string, options: OperatorOptions): Promise<void> {
  const { liftHold } = await import('../ask-relayer.ts');
  process.exitCode = await liftHold(subject, options);
}

function laneSubject(lane: readonly string[]): string {
  return `lane ${lane.join(' ') || '*'}`;
}

interface About {
  readonly summary: string;
  readonly description: string;
}

function operator(command: Command, { summary, description }: About): Command {
  return command
    .summary(summary)
    .description(description)
    .requiredOption('-c, --config <file>', 'configuration of the relayer (docs/config.md)')
    .option('--json', 'print JSON (docs/cli.md)');
}

function hold(command: Command, about: About): Command {
  return operator(command, about).option(
    '--reason <text>',
    'why, for whoever looks later',
    'by the operator',
  );
}

function parseLimit(text: string): number {
  const limit = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= 10_000) return limit;
  throw new InvalidArgumentError('expected a number from 1 to 10000.');
}
