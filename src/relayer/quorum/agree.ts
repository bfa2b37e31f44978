import { recoverAddress, SignatureMalformedError } from '../../crypto/secp256k1.ts';
import { fromHex, type Hex, toHex } from '../../shared/bytes.ts';
import type { SigningRules } from './signing-rules.ts';

/** What an enclave says, and its signature under that. */
export interface Signed<T> {
  /** Name of the enclave that was asked. Who has signed is recovered: what an enclave calls itself decides nothing. */
  readonly enclave: string;
  readonly said: T;
  /** The signing epoch that the digest names. */
  readonly epoch: bigint;
  /** Of what was said, 32 bytes, computed here. */
  readonly digest: Uint8Array;
  /** 65 bytes. */
  readonly signature: Hex;
}

/** What enough enclaves have signed alike. */
export interface Agreed<T> {
  readonly said: T;
  /** Exactly as many as the contract asks for, by ascending signer. */
  readonly signatures: readonly Hex[];
  /** Names of the enclaves that said it. */
  readonly enclaves: readonly string[];
}

/** An enclave that has said something else than what was agreed on, or has signed it with no key that counts. */
export interface Dissent {
  readonly enclave: string;
  readonly what: string;
}

/** What was agreed on, if anything, and who did not agree. */
export interface Agreement<T> {
  readonly agreed: Agreed<T> | undefined;
  readonly dissents: readonly Dissent[];
}

interface Backed<T> extends Signed<T> {
  readonly signer: Hex;
}

/**
 * What more admitted keys have signed than anything else, if they are as many as the contract asks for. Of two things that as many have
 * signed none is agreed on: nothing shows which of them is true. A contract takes all signatures that come with a call or none, so
 * each was recovered, and what one key has signed twice counts once.
 */
export async function agree<T>(
  rules: SigningRules,
  answers: readonly Signed<T>[],
): Promise<Agreement<T>> {
  const dissents: Dissent[] = [];
  const backed: Backed<T>[] = [];
  for (const answer of answers) {
    const signer = await signerOf(rules, answer);
    if ('why' in signer) dissents.push({ enclave: answer.enclave, what: signer.why });
    else backed.push({ ...answer, signer: signer.address });
  }
  const groups = [...Map.groupBy(backed, ({ digest }) => toHex(digest)).values()];
  const sized = groups.map((group) => ({ group, size: signersIn(group).size }));
  const [first, second] = sized.sort((a, b) => b.size - a.size);
  const isDecided = first !== undefined && first.size > (second?.size ?? 0);
  if (!isDecided || first.size < rules.threshold) return { agreed: undefined, dissents };
  for (const { enclave, digest } of backed) {
    const isOther = toHex(digest) !== toHex(first.group[0]?.digest ?? new Uint8Array());
    if (isOther) dissents.push({ enclave, what: 'it says something else than the others' });
  }
  return { agreed: combine(first.group, rules.threshold), dissents };
}

async function signerOf<T>(
  rules: SigningRules,
  { epoch, digest, signature }: Signed<T>,
): Promise<{ readonly address: Hex } | { readonly why: string }> {
  if (epoch !== rules.epoch) {
    return { why: `it signs in epoch ${epoch}, and ${rules.epoch} runs` };
  }
  try {
    const address = recoverAddress(digest, fromHex(signature));
    if (await rules.isAdmitted(address)) return { address };
    return { why: `the registry does not admit ${address}, which signs for it` };
  } catch (error) {
    if (error instanceof SignatureMalformedError) return { why: 'its signature is of no key' };
    throw error;
  }
}

function signersIn<T>(group: readonly Backed<T>[]): ReadonlyMap<Hex, Backed<T>> {
  return new Map(group.map((answer) => [answer.signer, answer]));
}

function combine<T>(group: readonly Backed<T>[], threshold: number): Agreed<T> | undefined {
  const [first] = group;
  const ascending = [...signersIn(group).values()].sort((a, b) => (a.signer < b.signer ? -1 : 1));
  const signatures = ascending.slice(0, threshold).map(({ signature }) => signature);
  return first && { said: first.said, signatures, enclaves: group.map(({ enclave }) => enclave) };
}
