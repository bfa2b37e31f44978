import type { Command } from 'commander';
import { WEAK_SUBJECTIVITY_SEC } from '../../light-client/weak-subjectivity.ts';
import { describeEthereumAge, describePolkadotAge } from '../../verify/verify-step.ts';
import { makeEthereumCheckpoint } from '../checkpoint-ethereum.ts';
import { makePolkadotCheckpoint } from '../checkpoint-polkadot.ts';
import { EXIT } from '../exit-codes.ts';

interface Options {
  readonly ethereum?: string;
  readonly polkadot?: string;
}

/** `veilspan checkpoint`: what a light client shall start from. */
export function addCheckpointCommand(program: Command): void {
  program
    .command('checkpoint')
    .description(
      'Makes a checkpoint of the newest final block of a node, in the form that the measured configuration\n' +
        'takes it, and says on standard error what to compare it with. One node is one witness: ask others.',
    )
    .option('--ethereum <url>', 'a beacon node: prints `ethereum.lightClient`')
    .option(
      '--polkadot <url>',
      'a node of the relay or solo chain: prints `polkadot.lightClient.checkpoint`',
    )
    .action(async ({ ethereum, polkadot }: Options) => {
      if ((ethereum === undefined) === (polkadot === undefined)) {
        console.error('give one of --ethereum and --polkadot');
        process.exitCode = EXIT.usage;
        return;
      }
      await (ethereum ? printEthereum(ethereum) : printPolkadot(polkadot ?? ''));
    });
}

async function printEthereum(url: string): Promise<void> {
  const { lightClient, finalizedHeader, forksFrom } = await makeEthereumCheckpoint(url);
  const { beacon, execution } = finalizedHeader;
  console.log(JSON.stringify(lightClient, undefined, 2));
  say([
    `beacon block    slot ${beacon.slot}, root ${lightClient.checkpointRoot}`,
    `  compare with  another beacon node: GET /eth/v1/beacon/blocks/${beacon.slot}/root; a block explorer: slot ${beacon.slot}`,
    `execution block ${execution.blockNumber} ${execution.blockHash}`,
    '  compare with  an execution node: eth_getBlockByNumber',
    `fork table      from ${forksFrom}${forksFrom === 'the node' ? ': compare every line with the network’s own configuration' : ''}`,
    `age             ${describeEthereumAge(finalizedHeader, { knownSinceSec: nowSec() })}`,
    periodOf('ethereum'),
  ]);
}

async function printPolkadot(url: string): Promise<void> {
  const checkpoint = await makePolkadotCheckpoint(url);
  const { number, hash, setId, authorities } = checkpoint;
  console.log(JSON.stringify(checkpoint, undefined, 2));
  say([
    `block           ${number} ${hash}`,
    `  compare with  another node: chain_getBlockHash(${number}); a block explorer: block ${number}, finalised`,
    `authorities     ${authorities.length} of set ${setId}, proven under the block's state root`,
    `age             ${describePolkadotAge(checkpoint, { knownSinceSec: nowSec() })}`,
    periodOf('polkadot'),
  ]);
}

function periodOf(chain: keyof typeof WEAK_SUBJECTIVITY_SEC): string {
  return `                start from it within ${WEAK_SUBJECTIVITY_SEC[chain] / 86_400} days; after that make a new one`;
}

/** To standard error, so that standard output can go into a file. */
function say(lines: readonly string[]): void {
  for (const line of lines) console.error(line);
}

function nowSec(): bigint {
  return BigInt(Math.floor(Date.now() / 1000));
}
