import { sha256 } from '../../src/crypto/hashes.ts';
import { toHex, utf8 } from '../../src/shared/bytes.ts';

/** Numbers of 256 bits that look random, the same for the same seed. */
export function createSequence(seed: number): () => bigint {
  let drawn = 0;
  return () => BigInt(toHex(sha256(utf8(`${seed}/${drawn++}`))));
}
