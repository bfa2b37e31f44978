import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import type { FinalitySource, FinalityStep } from '../chains/shared/finality-source.ts';
import { deadlineMsOf, type EnclaveClient } from '../enclave-client/enclave-client.ts';
import type { LightClientStatus } from '../protocol/enclave-commands.ts';
import type { Database } from './journal/database.ts';
import { tableOf } from './journal/statement-errors.ts';
import type { Vitals } from './vitals.ts';

/** For what may ask a node many things, each of which has its own deadline in the chain's adapter. */
const CHAIN_MS = 300_000;
/** For the next step of a light client, which after a long rest is found in the headers of days. */
const STEP_MS = 900_000;
/** The longest that the journal's database may be silent (`postgres-pool.ts`), or a connection to it be waited for. */
const STATEMENT_MS = 75_000;
/** What the enclave's client gives up by itself is to be heard of from there. */
const GRACE_MS = 5000;

/** A chain whose questions show by name while they are open, and end when the relayer stops. */
export function nameWaits(chain: BridgedChain, vitals: Vitals): BridgedChain {
  const named =
    <A extends readonly unknown[], R>(what: string, ask: (...args: A) => Promise<R>) =>
    (...args: A) =>
      vitals.wait(`${chain.name}: ${what}`, CHAIN_MS, () => ask(...args));
  return {
    ...chain,
    head: named('head', chain.head),
    finalizedHead: named('final head', chain.finalizedHead),
    hashAt: named('hash of a block', chain.hashAt),
    call: named('call of a contract', chain.call),
    word: named('word of a contract', chain.word),
    logs: named('logs', chain.logs),
    balanceWei: named('balance', chain.balanceWei),
    setupOf: named('setup of an account', chain.setupOf),
    nonceOf: named('nonce', chain.nonceOf),
    budget: named('trial of a call', chain.budget),
    sign: named('facts to sign with', chain.sign),
    renew: named('facts to sign with', chain.renew),
    broadcast: named('broadcast', chain.broadcast),
    receiptOf: named('receipt', chain.receiptOf),
    blockShownBy: named('final block', chain.blockShownBy),
    blockTimeSec: named('time of a block', chain.blockTimeSec),
    stateProof: named('state proof', chain.stateProof),
    contractTrieId: named('trie of a contract', chain.contractTrieId),
  };
}

/** A source of finality whose questions show by name while they are open, and end when the relayer stops. */
export function nameFinality(
  lightClient: string,
  source: FinalitySource,
  vitals: Vitals,
): FinalitySource {
  const name = (what: string) => `finality of ${lightClient}: ${what}`;
  async function* follow(status: LightClientStatus): ReturnType<FinalitySource['follow']> {
    const steps = source.follow(status);
    const next = (at: LightClientStatus) =>
      vitals.wait(name('the next step'), STEP_MS, () => steps.next(at));
    let step: IteratorResult<FinalityStep, void> = await next(status);
    while (!step.done) step = await next(yield step.value);
  }
  return {
    kind: source.kind,
    follow,
    isDue: (status) => vitals.wait(name('whether it is due'), CHAIN_MS, () => source.isDue(status)),
    rule: () => vitals.wait(name('its rule'), CHAIN_MS, () => source.rule()),
    // Of a source that is not there yet it is empty.
    get overtaken() {
      return source.overtaken;
    },
    distrust: (why) => source.distrust(why),
    endpoints: () => source.endpoints(),
    calls: () => source.calls(),
    close: () => source.close(),
  };
}

/** An enclave's client whose questions show by name while they are open, and end when the relayer stops. */
export function nameQuestions(name: string, client: EnclaveClient, vitals: Vitals): EnclaveClient {
  return {
    address: client.address,
    ask: (command, params) =>
      vitals.wait(`${name}: ${command}`, deadlineMsOf(command) + GRACE_MS, () =>
        client.ask(command, params),
      ),
    close: () => client.close(),
  };
}

type Session = Database['_']['session'];

/** Has the statements of a database show by the name of their table from now on while they are open, and transactions until they have begun. */
export function nameStatements(database: Database, vitals: Vitals): void {
  nameSession(database._.session, vitals);
}

/** That of a transaction within a transaction is the same. */
const named = new WeakSet<Session>();

function nameSession(session: Session, vitals: Vitals): void {
  if (named.has(session)) return;
  named.add(session);
  const { prepareQuery, transaction } = session;
  // CAST: `apply` forgets that the answer's type follows from the arguments.
  session.prepareQuery = ((...args) => {
    const statement = prepareQuery.apply(session, args);
    const { execute } = statement;
    const name = `the journal: a statement on ${tableOf(statement.getQuery().sql)}`;
    statement.execute = (...values) =>
      vitals.show(name, STATEMENT_MS, () => execute.apply(statement, values));
    return statement;
  }) as typeof prepareQuery;
  session.transaction = async (run, config) => {
    const begun = Promise.withResolvers<void>();
    void vitals.show('the journal: the begin of a transaction', STATEMENT_MS, () => begun.promise);
    const naming: typeof run = async (tx) => {
      begun.resolve();
      nameSession(tx._.session, vitals);
      return await run(tx);
    };
    try {
      // CAST: `call` forgets that the answer's type follows from the arguments.
      return await (transaction.call(session, naming, config) as ReturnType<typeof run>);
    } finally {
      begun.resolve();
    }
  };
}
