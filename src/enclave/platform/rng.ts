import { randomBytes } from 'node:crypto';
import type { Rng } from '../../shared/rng.ts';

/** The operating system's randomness, as 'node:crypto' gives it. */
export const systemRng: Rng = { bytes: (length) => new Uint8Array(randomBytes(length)) };
