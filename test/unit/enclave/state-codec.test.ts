import { describe, expect, it } from 'vitest';
import { encodeU64 } from '../../../src/codec/scale.ts';
import { initialState } from '../../../src/enclave/initial-state.ts';
import { parseMeasuredConfig } from '../../../src/enclave/measured-config.ts';
import { decodeDurableState, encodeDurableState } from '../../../src/enclave/state-codec.ts';
import { concatBytes, toHex } from '../../../src/shared/bytes.ts';
import {
  CLIENTS,
  EnclaveWorld,
  testContext,
  withLightClient,
} from '../../support/enclave-world.ts';
import { refusal } from '../../support/refusal.ts';

const context = await testContext();
const { config } = context;
const { state } = new EnclaveWorld(context);
const references = [{ number: 4n, digest: toHex(new Uint8Array(32).fill(8)) }];
const bytes = encodeDurableState(state.durable, references, config);
/** Version, count of clients, length of the first one's id, its id, length of its record in two bytes. */
const FLAG_AT = 1 + 1 + 1 + CLIENTS.ethereum.length + 2;

const codeOf = (changed: Uint8Array, under = config) =>
  refusal(() => decodeDurableState(changed, under)).code;

describe('the sealed state', () => {
  it('is read back as it was, light clients in the order of the configuration', () => {
    const { revealable: _, ...durable } = state.durable;
    expect(decodeDurableState(bytes, config)).toEqual({ state: durable, references });
    expect([...decodeDurableState(bytes, config).state.lightClients.keys()]).toEqual([
      CLIENTS.ethereum,
      CLIENTS.polkadot,
    ]);
  });

  it('may hold a light client that waits for its bootstrap', () => {
    const { durable } = initialState(context);
    const { lightClients } = decodeDurableState(
      encodeDurableState(durable, [], config),
      config,
    ).state;
    expect(lightClients.get(CLIENTS.ethereum)).toEqual({ store: null, recent: [] });
    expect(lightClients).toEqual(durable.lightClients);
  });

  it('has one encoding: a flag is 0 or 1', () => {
    expect(bytes[FLAG_AT]).toBe(1);
    for (const flag of [2, 3, 0x81, 0xff]) {
      expect(codeOf(bytes.with(FLAG_AT, flag))).toBe('SCALE_OUT_OF_RANGE');
    }
  });

  it('is refused in another layout, by its version', () => {
    for (const version of [0, 2, 4]) {
      expect(refusal(() => decodeDurableState(bytes.with(0, version), config))).toMatchObject({
        code: 'ENCLAVE_STATE_VERSION_UNKNOWN',
        disposition: 'halt',
        meta: { version },
      });
    }
  });

  it('is refused with a byte behind it, or one too few', () => {
    expect(codeOf(concatBytes(bytes, Uint8Array.of(0)))).toBe('SCALE_TRAILING_BYTES');
    expect(codeOf(bytes.slice(0, -1))).toMatch(/^SCALE_/);
    expect(codeOf(concatBytes(bytes, encodeU64(1n)))).toBe('SCALE_TRAILING_BYTES');
  });

  it('is refused under a configuration with other light clients', () => {
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
