import { type Finding, failure, good, warning } from './finding.ts';
import type { EnclaveStanding, KeyStanding, RegistryStanding } from './read-keys.ts';

const SOON_SEC = 7 * 86_400;

/** What enclaves are held to. */
export interface EnclaveSurroundings {
  readonly nowSec: number;
  /** Number of the journal's last final commit; null if there is none, or no journal. */
  readonly lastCommit: string | null;
}

/** What is to be said of the enclaves, by themselves and together. */
export function examineEnclaves(
  { enclaves }: KeyStanding,
  { nowSec, lastCommit }: EnclaveSurroundings,
): Finding[] {
  return [
    ...enclaves.map(examineAnswer),
    ...enclaves.flatMap((enclave) => examineLedger(enclave, lastCommit)),
    ...enclaves.flatMap((enclave) =>
      enclave.registries.map((registry) => examineAdmission(enclave, registry, nowSec)),
    ),
    ...examineThresholds(enclaves, nowSec),
    ...examineMeasurements(enclaves),
  ];
}

function examineAnswer(enclave: EnclaveStanding): Finding {
  const { address, failure: why, ledgerNumber, signer } = enclave;
  const check = `enclave ${address}: reachable`;
  return why === null
    ? good(check, `signer ${signer}, ledger after commit ${ledgerNumber}`)
    : failure(check, why, 'start its host (`veilspan enclave`), or correct the address');
}

/** Further behind than that it is given a snapshot: as after its state was lost. */
const FAR_BEHIND_COMMITS = 64n;

function examineLedger(
  { address, ledgerNumber }: EnclaveStanding,
  lastCommit: string | null,
): Finding[] {
  if (ledgerNumber === null || lastCommit === null) return [];
  const check = `enclave ${address}: ledger`;
  const behind = BigInt(lastCommit) - BigInt(ledgerNumber);
  const says = `${behind > 0n ? behind : 0n} commits behind the anchor`;
  if (behind <= FAR_BEHIND_COMMITS) return [good(check, says)];
  const fix =
    'if its sealed folder was lost or replaced, put the right one back; a relayer that runs gives it a snapshot and the rest';
  return [warning(check, says, fix)];
}

function examineAdmission(
  { address, measurement }: EnclaveStanding,
  { chain, epoch, admittedUntilSec, isRevoked, measurement: admittedAs }: RegistryStanding,
  nowSec: number,
): Finding {
  const check = `enclave ${address}: registry of ${chain}`;
  const admit = 'have the owner of the registry admit the enclave in the epoch that runs';
  if (isRevoked)
    return failure(check, 'its key is revoked', 'replace the enclave by one with a key of its own');
  if (admittedUntilSec === null)
    return failure(check, `it is not admitted in epoch ${epoch}`, admit);
  if (admittedAs !== measurement) {
    const says = `it was admitted as ${admittedAs}, and measures ${measurement}`;
    return failure(check, says, 'run the release and the configuration that it was admitted with');
  }
  const leftSec = admittedUntilSec - nowSec;
  const until = new Date(admittedUntilSec * 1000).toISOString();
  const says = `admitted in epoch ${epoch} until ${until}`;
  if (leftSec <= 0) return failure(check, `${says}, which has passed`, admit);
  return leftSec > SOON_SEC ? good(check, says) : warning(check, says, `${admit}, before that`);
}

function examineThresholds(enclaves: readonly EnclaveStanding[], nowSec: number): Finding[] {
  const byChain = Map.groupBy(
    enclaves.flatMap(({ registries }) => registries),
    ({ chain }) => chain,
  );
  return [...byChain].map(([chain, all]) => {
    const check = `enclaves: threshold of ${chain}`;
    const able = all.filter(
      ({ isRevoked, admittedUntilSec }) => !isRevoked && (admittedUntilSec ?? 0) > nowSec,
    ).length;
    const needed = Math.max(...all.map(({ threshold }) => threshold));
    const says = `${able} of ${enclaves.length} enclaves can sign, and ${needed} have to`;
    return able >= needed
      ? good(check, says)
      : failure(
          check,
          says,
          'start or admit more enclaves: nothing is released until enough of them sign',
        );
  });
}

function examineMeasurements(enclaves: readonly EnclaveStanding[]): Finding[] {
  const measured = enclaves.flatMap(({ measurement }) => measurement ?? []);
  if (measured.length < 2) return [];
  const check = 'enclaves: one measurement';
  return new Set(measured).size === 1
    ? [good(check, `all have ${measured[0]}`)]
    : [
        warning(
          check,
          `they differ: ${[...new Set(measured)].join(', ')}`,
          'run one release and one measured configuration in all of them',
        ),
      ];
}
