import { beforeEach, describe, expect, it } from 'vitest';
import type { MessageBody } from '../../../src/protocol/message.ts';
import type { StateProof } from '../../../src/protocol/state-proof.ts';
import {
  goOnFrom,
  type Outboxes,
  verifyControl,
  verifyIngest,
} from '../../../src/verify/verify-ingest.ts';
import { deposit } from '../../support/deposits.ts';
import { EnclaveWorld, ETHEREUM, POLKADOT, testContext } from '../../support/enclave-world.ts';
import { refusal } from '../../support/refusal.ts';

const context = testContext();
const all = [100n, 200n, 300n, 400n].map((amount) => deposit(ETHEREUM, amount));
let world: EnclaveWorld;
let outboxes: Outboxes;
beforeEach(() => {
  world = new EnclaveWorld(context);
  world.deposit(ETHEREUM, ...all);
  outboxes = new Map();
});

const verify = (
  from: number,
  messages: readonly MessageBody[],
  proof: StateProof | null,
  chainId = ETHEREUM,
) => {
  const params = { chainId, fromIndex: BigInt(from), messages: [...messages], proof };
  return verifyIngest(params, outboxes, { state: world.state, context });
};

describe('messages on record', () => {
  it('hold once a proof shows where their portions end, and are known no further before', () => {
    expect(verify(0, all.slice(0, 3), null)).toContain('a later step has to prove');
    expect(outboxes.get(ETHEREUM)).toMatchObject({ proven: { count: 0n }, scanned: { count: 3n } });
    const { head } = world.positionAt(ETHEREUM);
    expect(verify(3, all.slice(3), world.proveOutbox(ETHEREUM))).toContain(
      `1 message(s) from index 3 on replay to the proven sent head ${head}, 4 in all`,
    );
    expect(outboxes.get(ETHEREUM)?.proven).toEqual(world.positionAt(ETHEREUM));
  });

  it('may begin anew where they are proven, as an enclave that gave a run up was shown them', () => {
    verify(0, all.slice(0, 1), world.proveOutbox(ETHEREUM, 1));
    verify(1, [all[3]!], null);
    verify(1, all.slice(1, 2), null);
    verify(2, all.slice(2), world.proveOutbox(ETHEREUM));
    expect(outboxes.get(ETHEREUM)?.proven.count).toBe(4n);
  });

  it('are refused if one is altered, left out or of another place, or the proof of another block', () => {
    const proof = world.proveOutbox(ETHEREUM);
    verify(0, all.slice(0, 2), null);
    const lies = [[all[2]!], [all[3]!, all[2]!], [{ ...all[2]!, fee: 1n }, all[3]!]];
    for (const messages of lies) {
      expect(refusal(() => verify(2, messages, proof)).code).toBe('ENCLAVE_REPLAY_MISMATCH');
    }
    expect(refusal(() => verify(1, all.slice(1), proof)).code).toBe('EVIDENCE_FILE_REFUSED');
    const unknown: StateProof = { kind: 'substrate', blockHash: `0x${'77'.repeat(32)}`, nodes: [] };
    expect(refusal(() => verify(0, [], unknown, POLKADOT)).code).toBe('STATE_PROOF_BLOCK_UNKNOWN');
    expect(refusal(() => verify(0, [], null, 7n)).code).toBe('ENCLAVE_CHAIN_UNKNOWN');
    expect(outboxes.get(ETHEREUM)?.proven.count).toBe(0n);
    verify(2, all.slice(2), proof);
  });
});

describe('control messages on record', () => {
  const control = (from: number, to: number) => {
    const messages = world.governance.slice(from, to);
    const params = { fromIndex: BigInt(from), messages, proof: world.proveControl(to) };
    return verifyControl(params, outboxes, { state: world.state, context });
  };
  beforeEach(() => {
    for (const epoch of [2n, 3n, 4n]) world.govern({ kind: 'startEpoch', epoch });
  });

  it('hold if they replay to the proven head of the anchor’s outbox', () => {
    expect(control(0, 2)).toContain(`replay to the proven head ${world.controlAt(2).head}`);
    expect(control(2, 3)).toContain('1 control message(s) from index 2 on');
  });

  it('are refused if one is left out or altered', () => {
    expect(refusal(() => control(1, 3)).code).toBe('EVIDENCE_FILE_REFUSED');
    const proof = world.proveControl(2);
    const messages = world.governance.slice(1, 3);
    const params = { fromIndex: 0n, messages, proof };
    const verifyAltered = () => verifyControl(params, outboxes, { state: world.state, context });
    expect(refusal(verifyAltered).code).toBe('ENCLAVE_REPLAY_MISMATCH');
  });
});

describe('a snapshot on record', () => {
  const positionOf = ({ count, head }: { count: bigint; head: string }) => ({
    count: `${count}`,
    head,
  });
  const restored = (head: string = world.positionAt(ETHEREUM, 2).head) => ({
    ingested: [{ chainId: `${ETHEREUM}`, position: { count: '2', head } }],
    control: { position: positionOf(world.controlAt(0)) },
  });

  it('says from where outboxes go on, which the next proof bears out', () => {
    expect(goOnFrom(restored(), outboxes)).toContain(`${ETHEREUM}: 2, control: 0`);
    expect(verify(2, all.slice(2), world.proveOutbox(ETHEREUM))).toContain('4 in all');
  });

  it('is found out if it lies of a position', () => {
    goOnFrom(restored(`0x${'11'.repeat(32)}`), outboxes);
    const go = () => verify(2, all.slice(2), world.proveOutbox(ETHEREUM));
    expect(refusal(go).code).toBe('ENCLAVE_REPLAY_MISMATCH');
  });

  it('is refused in another form', () => {
    for (const line of [null, {}, { ...restored(), control: {} }]) {
      expect(refusal(() => goOnFrom(line, outboxes)).code).toBe('EVIDENCE_FILE_REFUSED');
    }
  });
});
