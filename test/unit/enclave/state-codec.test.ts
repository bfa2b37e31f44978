import { describe, expect, it } from 'vitest';
import { initialState } from '../../../src/enclave/initial-state.ts';
import { parseMeasuredConfig } from '../../../src/enclave/measured-config.ts';
import {
  decodeClients,
  decodeLedgerRecords,
  encodeClients,
  encodeLedgerRecords,
} from '../../../src/enclave/state-codec.ts';
import { concatBytes } from '../../../src/shared/bytes.ts';
import {
  CLIENTS,
  EnclaveWorld,
  testContext,
  withLightClient,
  wordOf,
} from '../../support/enclave-world.ts';
import { refusal } from '../../support/refusal.ts';

const context = testContext();
const { config } = context;
const { durable } = new EnclaveWorld(context).state;
const bytes = encodeClients(durable, config);
/** Version, count of clients, length of the first one's id, its id, length of its record in two bytes. */
const FLAG_AT = 1 + 1 + 1 + CLIENTS.ethereum.length + 2;

const codeOf = (changed: Uint8Array, under = config) =>
  refusal(() => decodeClients(changed, under)).code;

describe('the sealed light clients', () => {
  it('are read back as they were, in the order of the configuration', () => {
    expect(decodeClients(bytes, config)).toEqual(durable.lightClients);
    expect([...decodeClients(bytes, config).keys()]).toEqual([CLIENTS.ethereum, CLIENTS.polkadot]);
  });

  it('may wait for their bootstrap', () => {
    const { durable: first } = initialState(context);
    const lightClients = decodeClients(encodeClients(first, config), config);
    expect(lightClients.get(CLIENTS.ethereum)).toEqual({ store: null, recent: [] });
    expect(lightClients).toEqual(first.lightClients);
  });

  it('have one encoding: a flag is 0 or 1', () => {
    expect(bytes[FLAG_AT]).toBe(1);
    for (const flag of [2, 3, 0x81, 0xff]) {
      expect(codeOf(bytes.with(FLAG_AT, flag))).toBe('SCALE_OUT_OF_RANGE');
    }
  });

  it('are refused in another layout, by its version', () => {
    for (const version of [0, 3, 5]) {
      expect(refusal(() => decodeClients(bytes.with(0, version), config))).toMatchObject({
        code: 'ENCLAVE_STATE_VERSION_UNKNOWN',
        disposition: 'halt',
        meta: { version },
      });
    }
  });

  it('are refused with a byte behind them, or one too few', () => {
    expect(codeOf(concatBytes(bytes, Uint8Array.of(0)))).toBe('SCALE_TRAILING_BYTES');
    expect(codeOf(bytes.slice(0, -1))).toMatch(/^SCALE_/);
  });

  it('are refused under a configuration with other light clients', () => {
    const renamed = withLightClient(CLIENTS.polkadot, { id: 'renamed' });
    const chains = renamed.chains.map((chain) =>
      chain.lightClient === CLIENTS.polkadot ? { ...chain, lightClient: 'renamed' } : chain,
    );
    const other = parseMeasuredConfig({ ...renamed, chains });
    expect(codeOf(bytes, other)).toBe('SCALE_OUT_OF_RANGE');
    const [beacon] = config.lightClients;
    const fewer = { ...config, lightClients: [beacon!] };
    expect(codeOf(bytes, fewer)).toBe('SCALE_COUNT_EXCEEDED');
  });
});

describe('the record that names those of the ledger', () => {
  const records = {
    base: { number: 3n, parts: 2, bytes: 20_000_000 },
    deltaBytes: 12_345,
    number: 9n,
    stateId: wordOf(7n),
  };
  const encoded = encodeLedgerRecords(records);

  it('is read back as it was', () => {
    expect(decodeLedgerRecords(encoded)).toEqual(records);
  });

  it('is refused if it counts more bytes than can be counted', () => {
    for (const deltaBytes of [2 ** 53 - 1, 2 ** 53]) {
      const bytes = encodeLedgerRecords({ ...records, deltaBytes });
      if (deltaBytes < 2 ** 53) expect(decodeLedgerRecords(bytes).deltaBytes).toBe(deltaBytes);
      else expect(refusal(() => decodeLedgerRecords(bytes)).code).toBe('SCALE_OUT_OF_RANGE');
    }
  });

  it('is refused in another layout, longer or shorter', () => {
    const code = (changed: Uint8Array) => refusal(() => decodeLedgerRecords(changed)).code;
    expect(code(encoded.with(0, 3))).toBe('ENCLAVE_STATE_VERSION_UNKNOWN');
    expect(code(concatBytes(encoded, Uint8Array.of(0)))).toBe('SCALE_TRAILING_BYTES');
    expect(code(encoded.slice(1))).toBe('ENCLAVE_STATE_VERSION_UNKNOWN');
    expect(code(encoded.slice(0, -1))).toMatch(/^SCALE_/);
  });
});
