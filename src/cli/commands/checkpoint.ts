import { Argument, type Command } from 'commander';
import { makeCheckpoint } from '../../chains/make-checkpoint.ts';
import { initialClient } from '../../light-client/client-state.ts';
import { lightClientSchema } from '../../light-client/kinds.ts';
import { CHAIN_KINDS, type ChainKind } from '../../protocol/chain-kind.ts';
import { describeAge } from '../../verify/describe-checkpoint.ts';

/** `veilspan checkpoint`: what a light client shall start from. */
export function addCheckpointCommand(program: Command): void {
  program
    .command('checkpoint')
    .summary('a block for a light client to start from')
    .description(
      'Makes a checkpoint of the newest final block of a node, in the form that the measured configuration\n' +
        'takes it, and says on standard error what to compare it with. One node is one witness: ask others.',
    )
    .addArgument(new Argument('<kind>', 'the kind of chain').choices(CHAIN_KINDS))
    .argument('<url>', 'what serves its finality: a beacon node, a node of the relay or solo chain')
    .option(
      '--id <name>',
      'what the configuration is to call the light client; its kind unless given',
    )
    .action(async (kind: ChainKind, url: string, { id = kind }: { readonly id?: string }) => {
      await print(id, { kind, url });
    });
}

async function print(id: string, from: { readonly kind: ChainKind; readonly url: string }) {
  const { lightClient, compare, periodSec } = await makeCheckpoint(from.kind, from.url);
  const config = lightClientSchema.parse({ id, ...lightClient });
  console.log(JSON.stringify(config, undefined, 2));
  const knownSinceSec = BigInt(Math.floor(Date.now() / 1000));
  // To standard error, so that standard output can go into a file.
  for (const line of compare) console.error(line);
  console.error(`age             ${describeAge(config, initialClient(config), { knownSinceSec })}`);
  console.error(
    `                start from it within ${periodSec / 86_400} days; after that make a new one`,
  );
}
