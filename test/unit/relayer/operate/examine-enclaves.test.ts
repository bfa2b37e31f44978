import { describe, expect, it } from 'vitest';
import { examineEnclaves } from '../../../../src/relayer/operate/examine-enclaves.ts';
import type {
  EnclaveStanding,
  RegistryStanding,
} from '../../../../src/relayer/operate/read-keys.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

const NOW = 1_800_000_000;
const YEAR = 365 * 86_400;

const registry = (said: Partial<RegistryStanding> = {}): RegistryStanding => ({
  chain: 'ethereum',
  epoch: '3',
  threshold: 2,
  admittedUntilSec: NOW + YEAR,
  isRevoked: false,
  measurement: `0x${'01'.repeat(32)}`,
  ...said,
});
const enclave = (address: string, said: Partial<EnclaveStanding> = {}): EnclaveStanding => ({
  address,
  signer: `0x${'ab'.repeat(20)}`,
  epoch: '3',
  measurement: `0x${'01'.repeat(32)}`,
  ledgerNumber: '9',
  registries: [registry()],
  failure: null,
  ...said,
});
const verdicts = (...enclaves: EnclaveStanding[]) =>
  new Map(
    examineEnclaves({ signers: [], enclaves }, { nowSec: NOW, lastCommit: '70' }).map(
      ({ check, verdict }) => [check, verdict],
    ),
  );

describe('enclaves', () => {
  it('that answer, are admitted and are enough are well', () => {
    expect([...verdicts(enclave('a'), enclave('b')).values()]).toEqual(Array(8).fill('ok'));
  });

  it('that do not answer fail by their address, and the rest are too few', () => {
    const gone = enclave('b', { failure: 'ENCLAVE_UNREACHABLE: gone', registries: [] });
    const seen = verdicts(enclave('a'), gone);
    expect(seen.get('enclave b: reachable')).toBe('fail');
    expect(seen.get('enclave a: reachable')).toBe('ok');
    expect(seen.get('enclaves: threshold of ethereum')).toBe('fail');
  });

  it.each([
    ['is not admitted in the epoch that runs', { admittedUntilSec: null }, 'fail'],
    ['is revoked', { isRevoked: true }, 'fail'],
    ['was admitted until a time that has passed', { admittedUntilSec: NOW }, 'fail'],
    ['is admitted for less than a week', { admittedUntilSec: NOW + 86_400 }, 'warn'],
  ] satisfies [string, Partial<RegistryStanding>, string][])('one that %s', (_, said, verdict) => {
    const seen = verdicts(enclave('a', { registries: [registry({ threshold: 1, ...said })] }));
    expect(seen.get('enclave a: registry of ethereum')).toBe(verdict);
    const canSign = verdict === 'warn';
    expect(seen.get('enclaves: threshold of ethereum')).toBe(canSign ? 'ok' : 'fail');
  });

  it('that measure otherwise than they were admitted fail', () => {
    const admitted = registry({ measurement: `0x${'09'.repeat(32)}` });
    const seen = verdicts(enclave('a', { registries: [admitted] }));
    expect(seen.get('enclave a: registry of ethereum')).toBe('fail');
  });

  it.each([
    ['as far as the anchor', '70', 'ok'],
    ['ahead of the journal', '71', 'ok'],
    ['a little behind', '6', 'ok'],
    ['without its state', '0', 'warn'],
  ])('that are %s are told so', (_, ledgerNumber, verdict) => {
    expect(verdicts(enclave('a', { ledgerNumber })).get('enclave a: ledger')).toBe(verdict);
  });

  it('of two measurements are to be made one', () => {
    const other: Hex = `0x${'02'.repeat(32)}`;
    const seen = verdicts(enclave('a'), enclave('b', { measurement: other }));
    expect(seen.get('enclaves: one measurement')).toBe('warn');
  });

  it('that fail have something to do with each failure', () => {
    const gone = enclave('b', { failure: 'gone', registries: [] });
    const findings = examineEnclaves(
      { signers: [], enclaves: [enclave('a'), gone] },
      { nowSec: NOW, lastCommit: '70' },
    );
    for (const { verdict, fix } of findings) expect(fix === null).toBe(verdict === 'ok');
  });
});
