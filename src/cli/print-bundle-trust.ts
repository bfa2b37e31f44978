import type { BundleTrust } from './bundle-format.ts';
import { describePolkadotAge, type VerifyOptions } from './evidence.ts';

/**
 * Prints what a bundle rests on.
 *
 * @throws {CheckpointAgeError} a checkpoint that says it is older than the weak-subjectivity period
 */
export function printBundleTrust(
  { ethereum, ethereumBlock, polkadot }: BundleTrust,
  options: VerifyOptions,
): void {
  console.log(
    'trusted, because the bundle says so (compare it with what you know from elsewhere):',
  );
  if (ethereum) {
    console.log(`  ethereum       beacon block ${ethereum.checkpointRoot}`);
    console.log(`                 of the network ${ethereum.genesisValidatorsRoot}`);
  }
  if (ethereumBlock) console.log(`  ethereum       execution block ${ethereumBlock} is final`);
  if (polkadot) {
    const { number, hash, setId, authorities } = polkadot.checkpoint;
    console.log(`  polkadot       block ${number} ${hash}`);
    console.log(`                 set ${setId} of ${authorities.length} authorities`);
    if (polkadot.topology !== 'solo') {
      console.log(`                 contracts are on parachain ${polkadot.topology.paraId} of it`);
    }
    console.log(`                 ${describePolkadotAge(polkadot.checkpoint, options)}`);
  }
  console.log('  and that two thirds of each committee and authority set since then were honest\n');
}
