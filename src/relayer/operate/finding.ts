import { BridgeError } from '../../shared/errors.ts';
import type { Vitals } from '../vitals.ts';

/** What one check has found. */
export interface Finding {
  /** `chain ethereum: head`, `queue: Redis`. */
  readonly check: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  /** What was seen. */
  readonly says: string;
  /** What to do about it; null where nothing is wrong. */
  readonly fix: string | null;
}

/** What is compared, and what each outcome is worth. */
export function good(check: string, says: string): Finding {
  return { check, verdict: 'ok', says, fix: null };
}

/** Something that the relayer lives with for now. */
export function warning(check: string, says: string, fix: string): Finding {
  return { check, verdict: 'warn', says, fix };
}

/** Something that the relayer cannot work with. */
export function failure(check: string, says: string, fix: string): Finding {
  return { check, verdict: 'fail', says, fix };
}

/** Longer than anything that is well takes to answer. */
const CHECK_MS = 20_000;

/** One check, with what to do if it cannot be made. */
export interface Check {
  readonly name: string;
  /** What to do where what is asked does not answer, or not so. */
  readonly fix: string;
  look(): Promise<Finding>;
}

/** Makes checks, one after the other; none that fails or hangs keeps the others from being made. */
export async function examineAll(vitals: Vitals, checks: readonly Check[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, fix, look } of checks) {
    findings.push(
      await vitals
        .wait(`check ${name}`, CHECK_MS, look)
        .catch((error: unknown) => failure(name, describeFailure(error), fix)),
    );
  }
  return findings;
}

/** Code and sentence of what is ours; of the rest the name only, since libraries put into messages what they were given. */
export function describeFailure(error: unknown): string {
  if (error instanceof BridgeError) return `${error.code}: ${error.message}`;
  const code = error instanceof Error && 'code' in error ? ` ${String(error.code)}` : '';
  return error instanceof Error ? `${error.name}${code}` : 'no error that says anything';
}
