import { BridgeError } from '../../shared/errors.ts';
import type { Vitals } from '../vitals.ts';
import { type Agreed, agree, type Dissent, type Signed } from './agree.ts';
import { createRulesReader, type ReadRules, type SigningRules } from './signing-rules.ts';

/** How long an enclave that has dissented is left out where there are enough others. */
const DISTRUST_MS = 300_000;

export interface QuorumOptions {
  /** A monotonic clock, in milliseconds. */
  readonly nowMs?: () => number;
  /** Reads the registries, unless it is given. */
  readonly rulesOf?: ReadRules;
}

/**
 * What enclaves have to agree on before the relayer acts on it. No single one of n decides: signatures are recovered and held to the
 * chain's registry, and whoever says something else than the others is named in an alarm and left out for a while.
 */
export class Quorum {
  readonly rulesOf: ReadRules;
  readonly #vitals: Pick<Vitals, 'alarm' | 'clear'>;
  readonly #nowMs: () => number;
  readonly #distrustedUntilMs = new Map<string, number>();

  constructor(vitals: Pick<Vitals, 'alarm' | 'clear'>, options: QuorumOptions = {}) {
    const { nowMs = () => performance.now(), rulesOf = createRulesReader(nowMs) } = options;
    this.rulesOf = rulesOf;
    this.#vitals = vitals;
    this.#nowMs = nowMs;
  }

  /**
   * What as many admitted keys as the contract asks for have signed alike.
   *
   * @param what what it is, for whoever reads the alarm: `commit 5`
   * @throws {QuorumError} RELAYER_QUORUM_MISSING
   */
  async agree<T>(
    what: string,
    rules: SigningRules,
    answers: readonly Signed<T>[],
  ): Promise<Agreed<T>> {
    const { agreed, dissents } = await agree(rules, answers);
    for (const dissent of dissents) this.dissents(dissent, what);
    if (agreed === undefined) {
      throw new QuorumError('RELAYER_QUORUM_MISSING', {
        what: `${what}: of ${answers.length} answers no ${rules.threshold} are alike and signed by admitted keys`,
      });
    }
    for (const enclave of agreed.enclaves) this.#agrees(enclave);
    return agreed;
  }

  /** Notes that an enclave says something that the others, or the chains, do not. */
  dissents({ enclave, what: how }: Dissent, what: string): void {
    this.#distrustedUntilMs.set(enclave, this.#nowMs() + DISTRUST_MS);
    const dissent = new QuorumError('RELAYER_ENCLAVE_DISSENTS', {
      what: `${enclave}: ${how} (${what})`,
    });
    this.#vitals.alarm(dissentOf(enclave), { code: dissent.code, sentence: dissent.message });
  }

  /** Those that have not dissented lately; all of them if they are fewer than `least`. */
  trusted<S>(of: readonly S[], nameOf: (one: S) => string, least: number): readonly S[] {
    const nowMs = this.#nowMs();
    const kept = of.filter((one) => (this.#distrustedUntilMs.get(nameOf(one)) ?? 0) <= nowMs);
    return kept.length >= least ? kept : of;
  }

  #agrees(enclave: string): void {
    this.#distrustedUntilMs.delete(enclave);
    this.#vitals.clear(dissentOf(enclave));
  }
}

function dissentOf(enclave: string): string {
  return `dissent of ${enclave}`;
}

const DISPOSITIONS = {
  RELAYER_QUORUM_MISSING: 'retry',
  RELAYER_ENCLAVE_DISSENTS: 'retry',
} as const;

/** Enclaves do not agree. */
export class QuorumError extends BridgeError<{ what: string }> {
  readonly code: keyof typeof DISPOSITIONS;
  readonly disposition: 'retry';
  constructor(code: keyof typeof DISPOSITIONS, meta: { what: string }) {
    super(`Enclaves do not agree: ${meta.what}.`, meta);
    this.code = code;
    this.disposition = DISPOSITIONS[code];
  }
}
