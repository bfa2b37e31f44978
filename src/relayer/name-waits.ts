import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import { deadlineMsOf, type EnclaveClient } from '../enclave-client/enclave-client.ts';
import type { Vitals } from './vitals.ts';

/** For what may ask a node many things, each of which has its own deadline in the chain's adapter. */
const CHAIN_MS = 300_000;
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
