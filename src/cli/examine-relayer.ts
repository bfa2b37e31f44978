import { examine } from '../relayer/operate/examine.ts';
import type { Finding } from '../relayer/operate/finding.ts';
import { type KeyStanding, readKeys } from '../relayer/operate/read-keys.ts';
import { formatCoins } from '../shared/units.ts';
import { type OperatorOptions, printAnswer, relayerConfigOf } from './ask-relayer.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { namingFile } from './name-config.ts';
import { terminalTable } from './terminal-table.ts';

/** `relayer doctor`. */
export async function runDoctor(options: OperatorOptions): Promise<ExitCode> {
  const startedWith = { configFile: options.config, secretFiles: secretFilesOf(process.env) };
  const found = await examine(relayerConfigOf(options), startedWith);
  const findings = found.map(({ fix, ...rest }) => {
    return { ...rest, fix: fix && namingFile(fix, options.config) };
  });
  const isWell = findings.every(({ verdict }) => verdict !== 'fail');
  printAnswer(options, { isWell, findings }, () => formatFindings(findings));
  return isWell ? EXIT.ok : EXIT.failed;
}

/** Files that variables name for keys of the configuration: see `loadConfig`. */
function secretFilesOf(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, file]) =>
    /^VEILSPAN_RELAYER__.*_FILE$/.test(name) && file !== undefined ? [file] : [],
  );
}

/** What was found, a line each, and below it what to do. */
export function formatFindings(findings: readonly Finding[]): string[] {
  const lines = findings.flatMap(({ check, verdict, says, fix }) => [
    `${verdict.padEnd(4)}  ${check}: ${says}`,
    ...(fix === null ? [] : [`      fix: ${fix}`]),
  ]);
  const count = (verdict: Finding['verdict']) =>
    findings.filter((finding) => finding.verdict === verdict).length;
  return [...lines, `${count('ok')} ok, ${count('warn')} warnings, ${count('fail')} failures`];
}

/** `relayer keys`. */
export async function showKeys(options: OperatorOptions): Promise<ExitCode> {
  const keys = await readKeys(relayerConfigOf(options));
  printAnswer(options, keys, formatKeys);
  return exitOf(keys);
}

/** `relayer balance`. */
export async function showBalances(options: OperatorOptions): Promise<ExitCode> {
  const { signers } = await readKeys({ ...relayerConfigOf(options), enclaves: [] });
  printAnswer(options, { signers }, () => [formatSigners(signers)]);
  return exitOf({ signers, enclaves: [] });
}

function exitOf({ signers, enclaves }: KeyStanding): ExitCode {
  const isWhole = [...signers, ...enclaves].every(({ failure }) => failure === null);
  return isWhole ? EXIT.ok : EXIT.unreachable;
}

function formatKeys({ signers, enclaves }: KeyStanding): string[] {
  const rows = enclaves.flatMap(({ address, signer, epoch, registries, failure }) =>
    registries.length === 0
      ? [[address, signer ?? '', epoch ?? '', '', '', failure ?? '']]
      : registries.map((registry) => [
          address,
          signer ?? '',
          epoch ?? '',
          registry.chain,
          `${registry.epoch}, ${registry.threshold} have to sign`,
          admissionOf(registry),
        ]),
  );
  const measurements = [...new Set(enclaves.flatMap(({ measurement }) => measurement ?? []))];
  const header = ['enclave', 'signer', 'epoch', 'registry', 'its epoch', 'standing'];
  return [
    formatSigners(signers),
    '',
    terminalTable(header, rows),
    ...measurements.map((measurement) => `measurement ${measurement}`),
  ];
}

function admissionOf({
  isRevoked,
  admittedUntilSec,
}: KeyStanding['enclaves'][number]['registries'][number]): string {
  if (isRevoked) return 'revoked';
  if (admittedUntilSec === null) return 'not admitted';
  return `admitted until ${new Date(admittedUntilSec * 1000).toISOString()}`;
}

function formatSigners(signers: KeyStanding['signers']): string {
  const rows = signers.map(({ chain, purpose, address, payTo, balanceWei, failure }) => [
    chain,
    purpose,
    address ?? '',
    payTo === address ? '' : (payTo ?? ''),
    balanceWei === null ? '' : formatCoins(BigInt(balanceWei)),
    failure ?? '',
  ]);
  const columns = ['chain', 'account', 'address', 'coins go to', 'balance', 'failure'];
  return terminalTable(columns, rows, [4]);
}
