import type { EnclaveClient } from '../../enclave-client/enclave-client.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import type { Vitals } from '../vitals.ts';
import { gather } from './gather.ts';

/** An enclave that can be asked. */
export interface NamedEnclave {
  readonly name: string;
  readonly client: Pick<EnclaveClient, 'ask'>;
}

/** An enclave and what it says of itself: a claim, until others say the same or a contract shows it. */
export interface Standing<L extends NamedEnclave> {
  readonly line: L;
  readonly status: EnclaveStatus;
}

interface Asking {
  readonly answer: Promise<EnclaveStatus>;
  readonly sinceMs: number;
  /** Asked when that has ended, for all who came meanwhile: what is on its way may not know of what they have done. */
  next: Promise<EnclaveStatus> | undefined;
}

/** An enclave that is at something long answers when that is done. */
const DEADLINE_MS = 15_000;
/** Who has been silent for so long is waited for only where nobody else answers. */
const PROMPT_MS = 1000;

/** Asks enclaves for their status, once for all who want to know at the same time. One that hangs holds nobody up. */
export class StatusBoard<L extends NamedEnclave> {
  readonly #lines: readonly L[];
  readonly #vitals: Vitals;
  readonly #asking = new Map<L, Asking>();

  constructor(lines: readonly L[], vitals: Vitals) {
    this.#lines = lines;
    this.#vitals = vitals;
  }

  /** What the enclaves that answer say now, in their order. @throws what the first that failed has thrown, if none does */
  async standings(): Promise<readonly Standing<L>[]> {
    const prompt = this.#lines.filter((line) => !this.#isSilent(line));
    const answers = await gather(
      prompt.length > 0 ? prompt : this.#lines,
      async (line) => ({ line, status: await this.#fresh(line) }),
      // The lane of each says how often it has failed.
      { isEnough: ({ length }) => length > 0, onFailure: () => undefined },
    );
    const place = ({ line }: Standing<L>) => this.#lines.indexOf(line);
    return answers.toSorted((a, b) => place(a) - place(b));
  }

  #isSilent(line: L): boolean {
    const asking = this.#asking.get(line);
    return asking !== undefined && performance.now() - asking.sinceMs > PROMPT_MS;
  }

  #fresh(line: L): Promise<EnclaveStatus> {
    const asking = this.#asking.get(line);
    if (asking === undefined) return this.#ask(line);
    const again = () => this.#ask(line);
    asking.next ??= asking.answer.then(again, again);
    return asking.next;
  }

  #ask(line: L): Promise<EnclaveStatus> {
    const name = `ask ${line.name}`;
    const answer = this.#vitals.lane(name, () =>
      this.#vitals.wait(`the status of ${line.name}`, DEADLINE_MS, () =>
        line.client.ask('status', {}),
      ),
    );
    const asking: Asking = { answer, sinceMs: performance.now(), next: undefined };
    this.#asking.set(line, asking);
    const end = () => {
      if (this.#asking.get(line) === asking && asking.next === undefined) this.#asking.delete(line);
    };
    answer.then(end, end);
    return answer;
  }
}
