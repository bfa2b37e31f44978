import { addressOf, signDigest } from '../../src/crypto/secp256k1.ts';
import type { EnclaveKeys } from '../../src/enclave/keys/enclave-keys.ts';
import { ledgerDomain, ledgerRules } from '../../src/enclave/measured-config.ts';
import { openChunk, readSnapshot, sealChunk, snapshotContent } from '../../src/enclave/snapshot.ts';
import { genesisState } from '../../src/ledger/genesis.ts';
import type { LedgerState } from '../../src/ledger/state.ts';
import { decodeState, encodeState } from '../../src/ledger/state-codec.ts';
import { applyDelta, encodeDelta } from '../../src/ledger/state-delta.ts';
import { stateId as idUnder } from '../../src/ledger/state-id.ts';
import { type ControlContent, decodeControl, encodeControl } from '../../src/protocol/control.ts';
import { decodeDepositOrder, encodeDepositOrder } from '../../src/protocol/deposit-order.ts';
import {
  openEnvelope,
  sealDeposit,
  sealPost,
  transparentEnvelope,
} from '../../src/protocol/envelope.ts';
import type { DepositOrder } from '../../src/protocol/order.ts';
import {
  decodePostedOrder,
  encodePostedOrder,
  type SignedOrder,
} from '../../src/protocol/posted-order.ts';
import {
  type AccountPermit,
  openQuestion,
  permitDigest,
  sealQuestion,
} from '../../src/protocol/query.ts';
import { concatBytes, fromHex, type Hex, toHex } from '../../src/shared/bytes.ts';
import { directLeg, RECIPIENT, SENDER, wordOfByte } from '../support/deposits.ts';
import {
  type EnclaveWorld,
  ETHEREUM,
  ETHEREUM_GATEWAY,
  POLKADOT,
  TERMS,
} from '../support/enclave-world.ts';
import { RefusedByEnclave } from './refused.ts';
import { codecSeed, type Input, only, type Seed, type Target, verifierSeed } from './target.ts';

/** What users seal, what governance says, and the ledger as it is sealed and handed on. */
export async function ledgerTargets(world: EnclaveWorld): Promise<Target[]> {
  return [
    { name: 'enclave/snapshot', form: 'bytes', seeds: [snapshotSeed(world)] },
    { name: 'enclave/snapshot-chunk', form: 'bytes', seeds: [await chunkSeed(world)] },
    { name: 'enclave/question', form: 'bytes', seeds: [await questionSeed(world)] },
    { name: 'ledger/state', form: 'bytes', seeds: [ledgerSeed(world)] },
    { name: 'ledger/delta', form: 'bytes', seeds: [deltaSeed(world)] },
    { name: 'control/payload', form: 'bytes', seeds: controlSeeds() },
    {
      name: 'envelope/deposit-order',
      form: 'bytes',
      seeds: [
        codecSeed(encodeDepositOrder(ORDER), (bytes) =>
          encodeDepositOrder(decodeDepositOrder(bytes)),
        ),
      ],
    },
    {
      name: 'envelope/posted-order',
      form: 'bytes',
      seeds: [
        codecSeed(encodePostedOrder(SIGNED), (bytes) =>
          encodePostedOrder(decodePostedOrder(bytes, 'ed25519')),
        ),
      ],
    },
    { name: 'envelope/open', form: 'bytes', seeds: await envelopeSeeds(world) },
  ];
}

const ORDER: DepositOrder = {
  account: wordOfByte(4),
  legs: [
    directLeg(POLKADOT, 700n),
    { ...directLeg(POLKADOT, 200n), mode: 'pooled', crowd: 4 },
    { ...directLeg(0n, 90n), mode: 'transfer', recipient: wordOfByte(6) },
  ],
  notBefore: 3n,
  patience: 300n,
  afterPatience: 'wait',
  tagSecret: new Uint8Array(32).fill(5),
  memo: new TextEncoder().encode('a memo'),
};

const SIGNED: SignedOrder = {
  order: {
    ...ORDER,
    owner: { scheme: 'ed25519', publicKey: wordOfByte(7), index: 2 },
    nonce: 9n,
    asset: wordOfByte(8),
    expiry: 77n,
    maxFee: 5n,
    posterAccount: wordOfByte(9),
  },
  signature: new Uint8Array(64).fill(1),
};

const BLINDING = new Uint8Array(32).fill(4);

/** A snapshot's content is that of one state and one blinding, which both are in its id: another content has another id. */
function snapshotSeed({ ledger }: EnclaveWorld): Seed {
  return {
    input: [snapshotContent(ledger.state, BLINDING)],
    proves: (input) => {
      const { state, stateId } = readSnapshot(only(input));
      const blinding = only(input).slice(13, 45);
      const again = snapshotContent(state, blinding);
      return `${stateId === idUnder(state, blinding)} ${toHex(again)}`;
    },
    mayProve: ([given = new Uint8Array()]) => [`true ${toHex(given)}`],
  };
}

/** A sealed chunk opens to what was sealed, or not at all. */
function chunkSeed({ context: { keys } }: EnclaveWorld): Promise<Seed> {
  const place = { number: 2n, chunk: 0, chunks: 1 };
  const content = new Uint8Array(200).fill(3);
  const sealed = sealChunk(keys.snapshotKey, content, { ...place, id: wordOfByte(2) });
  return verifierSeed([sealed], (input) => {
    const { id, part } = openChunk(keys.snapshotKey, only(input), place);
    return `${id} ${toHex(part)}`;
  });
}

/** A changed question has no permit. */
async function questionSeed({ context: { config, keys } }: EnclaveWorld): Promise<Seed> {
  const ledger = ledgerDomain(config);
  const key = new Uint8Array(32).fill(0x11);
  const publicKey: Hex = `0x${'00'.repeat(12)}${addressOf(key).slice(2)}`;
  const permit: AccountPermit = {
    owner: { scheme: 'secp256k1', publicKey, index: 0 },
    reader: wordOfByte(7),
    what: 'balances',
    ...{ firstRound: 1n, lastRound: 9n, revocationNonce: 0n },
  };
  const signature = signDigest(key, permitDigest(ledger, permit));
  const epoch = { epoch: 1n, epochKey: fromHex(await keys.epochKeyOf(1n)) };
  const question = await sealQuestion({ permit, signature }, epoch, ledger, RNG);
  return verifierSeed([question], async (input) => {
    const opened = await openQuestion(only(input), ledger, secretOf(keys));
    if (opened === undefined) throw new RefusedByEnclave('NO_QUESTION');
    return toHex(permitDigest(ledger, opened));
  });
}

const wholeOf = (state: LedgerState) => concatBytes(...encodeState(state));

function ledgerSeed({ ledger }: EnclaveWorld): Seed {
  return codecSeed(wholeOf(ledger.state), (bytes) => wholeOf(decodeState(bytes)));
}

function deltaSeed({ ledger, context }: EnclaveWorld): Seed {
  const before = genesisState(ledgerRules(context.config));
  return codecSeed(encodeDelta(before, ledger.state), (bytes) =>
    encodeDelta(before, applyDelta(before, bytes)),
  );
}

/** Kind and payload of one control message; what is read of another is what it says. */
function controlSeeds(): Seed[] {
  const contents: ControlContent[] = [
    { kind: 'registerAsset', asset: wordOfByte(1), ...TERMS },
    { kind: 'setRate', asset: wordOfByte(1), chainId: POLKADOT, rate: 2n },
    { kind: 'startEpoch', epoch: 7n },
  ];
  return contents.map((content) => {
    const { kind, payload } = encodeControl(content);
    return codecSeed(payload, (bytes) => {
      const read = decodeControl(kind, bytes);
      if (read === undefined) throw new RefusedByEnclave('UNKNOWN_CONTROL');
      return encodeControl(read).payload;
    });
  });
}

const RNG = { bytes: (length: number) => new Uint8Array(length).fill(6) };
const secretOf = (keys: EnclaveKeys) => (asked: bigint) =>
  asked === 1n ? keys.epochSecretOf(1n) : undefined;

/** A changed envelope does not open; a transparent one names whom it names. */
async function envelopeSeeds({ context: { keys, config } }: EnclaveWorld): Promise<Seed[]> {
  const binding = {
    ...{ chainId: ETHEREUM, gateway: ETHEREUM_GATEWAY, sender: SENDER, destination: 0n },
    ...{ refundTo: RECIPIENT, asset: wordOfByte(0), amount: 1000n },
  };
  const ledger = ledgerDomain(config);
  const key = { epoch: 1n, epochKey: fromHex(await keys.epochKeyOf(1n)) };
  const sealed = await sealDeposit(ORDER, key, binding, RNG);
  const post = await sealPost(SIGNED, key, ledger, RNG);
  const open = async (input: Input) => {
    const envelope = only(input);
    const opened = await openEnvelope(envelope, { deposit: binding, ledger }, secretOf(keys));
    if (opened.kind === 'unopened') throw new RefusedByEnclave(opened.reason);
    if (opened.kind === 'transparent') return `transparent ${toHex(envelope)} ${opened.recipient}`;
    if (opened.kind === 'post') return `a post with signature ${opened.order.nonce}`;
    return toHex(encodeDepositOrder(opened.order));
  };
  const honest = await open([sealed]);
  const mayProve = ([given = sealed]: Input) => [
    honest,
    `transparent ${toHex(given)} ${toHex(given.subarray(1))}`,
  ];
  return [sealed, post, transparentEnvelope(RECIPIENT)].map((bytes) => ({
    input: [bytes],
    proves: open,
    mayProve,
  }));
}
