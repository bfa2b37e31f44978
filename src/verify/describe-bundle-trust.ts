import type { BundleTrust } from './bundle-format.ts';
import { describePolkadotAge, type VerifyOptions } from './verify-step.ts';

/**
 * What a bundle rests on, as lines of text.
 *
 * @throws {CheckpointAgeError} a checkpoint that says it is older than the weak-subjectivity period
 */
export function describeBundleTrust(
  { ethereum, ethereumBlock, polkadot }: BundleTrust,
  options: VerifyOptions,
): string[] {
  return [
    'trusted, because the bundle says so (compare it with what you know from elsewhere):',
    ...(ethereum
      ? [
          `  ethereum       beacon block ${ethereum.checkpointRoot}`,
          `                 of the network ${ethereum.genesisValidatorsRoot}`,
        ]
      : []),
    ...(ethereumBlock ? [`  ethereum       execution block ${ethereumBlock} is final`] : []),
    ...(polkadot ? describePolkadot(polkadot, options) : []),
    '  and that two thirds of each committee and authority set since then were honest\n',
  ];
}

function describePolkadot(
  { checkpoint, topology }: NonNullable<BundleTrust['polkadot']>,
  options: VerifyOptions,
): string[] {
  const { number, hash, setId, authorities } = checkpoint;
  return [
    `  polkadot       block ${number} ${hash}`,
    `                 set ${setId} of ${authorities.length} authorities`,
    ...(topology === 'solo'
      ? []
      : [`                 contracts are on parachain ${topology.paraId} of it`]),
    `                 ${describePolkadotAge(checkpoint, options)}`,
  ];
}
