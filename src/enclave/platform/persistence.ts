import type { Rng } from '../../shared/rng.ts';
import { initialState } from '../initial-state.ts';
import { type EnclaveSecrets, SECRET_BYTES } from '../keys/enclave-keys.ts';
import type { AnchoredTransition, EnclaveContext, EnclaveState } from '../state.ts';
import { decodeDurableState, encodeDurableState, referenceOf } from '../state-codec.ts';
import { decodeTransition, encodeTransition } from '../transition-codec.ts';
import { SEALED_SUFFIX, type SealedStore, SealedStoreError } from './sealed-store.ts';

const KEYS = 'keys';
const STATE = 'state';
/** The state's file in the enclave's folder; not there before the first change. */
export const STATE_FILE = `${STATE}${SEALED_SUFFIX}`;
const transitionName = (number: bigint) => `transition-${number}`;

/**
 * The enclave's secrets; drawn at the first start and never again.
 *
 * @throws {SealedStoreError} a state without the keys it was made with, or keys that are not ours
 */
export function loadKeys(store: SealedStore, rng: Rng): EnclaveSecrets {
  const sealed = store.load(KEYS);
  if (sealed === undefined) {
    if (store.list().length > 0) throw new SealedStoreError('ENCLAVE_SEAL_BROKEN', KEYS);
    const drawn = rng.bytes(2 * SECRET_BYTES);
    store.save(KEYS, drawn);
    return splitSecrets(drawn);
  }
  return splitSecrets(sealed);
}

function splitSecrets(bytes: Uint8Array): EnclaveSecrets {
  return {
    masterSecret: bytes.subarray(0, SECRET_BYTES),
    signingKey: bytes.subarray(SECRET_BYTES),
  };
}

/** The state sealed last, or the first one. @throws {SealedStoreError} a record is missing or not ours */
export function loadState(store: SealedStore, context: EnclaveContext): EnclaveState {
  const sealed = store.load(STATE);
  if (sealed === undefined) return initialState(context);
  const { state, references } = decodeDurableState(sealed, context.config);
  const revealable = references.map(({ number, digest }) => {
    const record = store.load(transitionName(number));
    const transition = record === undefined ? undefined : decodeTransition(record);
    if (transition === undefined || referenceOf(transition).digest !== digest) {
      throw new SealedStoreError('ENCLAVE_SEAL_BROKEN', transitionName(number));
    }
    return transition;
  });
  return initialState(context, { ...state, revealable });
}

const referenceCache = new WeakMap<AnchoredTransition, ReturnType<typeof referenceOf>>();

function cachedReference(transition: AnchoredTransition): ReturnType<typeof referenceOf> {
  const known = referenceCache.get(transition) ?? referenceOf(transition);
  referenceCache.set(transition, known);
  return known;
}

/**
 * Seals what a command changed: new transitions first, then the state that names them, and only then drops those it
 * no longer names. Killed anywhere in between, the folder holds the old state or the new one, whole.
 */
export function persistState(
  store: SealedStore,
  { before, after }: { readonly before: EnclaveState; readonly after: EnclaveState },
  { config }: EnclaveContext,
): void {
  if (before.durable === after.durable) return;
  const had = new Set(before.durable.revealable);
  const has = new Set(after.durable.revealable);
  for (const transition of has) {
    if (!had.has(transition)) {
      store.save(transitionName(transition.number), encodeTransition(transition));
    }
  }
  const references = after.durable.revealable.map(cachedReference);
  store.save(STATE, encodeDurableState(after.durable, references, config));
  for (const transition of had) {
    if (!has.has(transition)) store.remove(transitionName(transition.number));
  }
}
