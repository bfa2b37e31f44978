import { addressOf, signDigest } from '../../src/crypto/secp256k1.ts';
import { Quorum } from '../../src/relayer/quorum/quorum.ts';
import { Vitals } from '../../src/relayer/vitals.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';

/** A key that signs. */
export interface TestKey {
  /** 20 bytes. */
  readonly address: Hex;
  sign(digest: Uint8Array): Hex;
}

/** @param byte what its secret consists of, 1 to 255 */
export function testKey(byte: number): TestKey {
  const secret = new Uint8Array(32).fill(byte);
  return {
    address: addressOf(secret),
    sign: (digest) => toHex(signDigest(secret, digest)),
  };
}

interface TestRules {
  readonly threshold?: number;
  readonly epoch?: bigint;
  /** All keys are, if it is left out. */
  readonly admitted?: readonly Hex[];
  readonly vitals?: Vitals;
  readonly nowMs?: () => number;
}

/** A quorum whose registry says this. */
export function quorumOf({ threshold = 1, epoch = 1n, ...rest }: TestRules = {}): Quorum {
  const { admitted, vitals = new Vitals(), nowMs } = rest;
  const isAdmitted = async (signer: Hex) => admitted?.includes(signer) ?? true;
  const rulesOf = async () => ({ threshold, epoch, isAdmitted });
  return new Quorum(vitals, { rulesOf, ...(nowMs && { nowMs }) });
}
