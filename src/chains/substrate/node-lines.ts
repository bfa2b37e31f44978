import { z } from 'zod';
import { agreedHead, type HeadClaim } from '../shared/agreed-head.ts';
import { ChainError } from '../shared/bridged-chain.ts';
import {
  createEndpoints,
  type Endpoint,
  type EndpointHealth,
  inOrder,
} from '../shared/endpoints.ts';
import { firstToTake, weightiest } from '../shared/first-to-take.ts';
import { gatherAnswers } from '../shared/gather-answers.ts';
import { hash, quantity } from '../shared/node-hex.ts';
import {
  createNodeLine,
  LineLate,
  type LineListener,
  type LinePatience,
  type NodeLine,
} from '../shared/node-line.ts';

/** Lines to all nodes of one chain, used as one. */
export interface NodeLines extends NodeLine {
  /** The node that was asked last about a block is asked after the others from now on. @returns its host */
  distrust(why: string): string | undefined;
  /** Hands something to every node, and waits for the first that takes it. @throws what one thinks of it if none does, or the first failure */
  toAll(method: string, params: readonly unknown[]): Promise<unknown>;
  /** In the order of the configuration. */
  endpoints(): readonly EndpointHealth[];
  /** Calls that were made, by method. */
  readonly calls: ReadonlyMap<string, number>;
}

const DIALECT = { greeting: ['chain_getBlockHash', [0]], lifeSign: 'system_health' } as const;

interface Member {
  readonly endpoint: Endpoint;
  readonly line: NodeLine;
  isUsable: boolean;
}

/**
 * Creates lines to the nodes of one chain. A call that one does not answer goes to the next; what nobody proves, the newest
 * block and the newest final one, all are asked for. Subscriptions are with one of them, and move on when it is lost.
 *
 * @param name what the configuration calls whatever the nodes are asked for; stands in errors
 */
export function createNodeLines(
  name: string,
  urls: readonly string[],
  patience: Partial<LinePatience> = {},
): NodeLines {
  const members = createEndpoints(urls).map((endpoint) => ({
    endpoint,
    line: createNodeLine(name, endpoint.url, { dialect: DIALECT, patience }),
    isUsable: false,
  }));
  return new JoinedLines(name, members);
}

/** Of these the answers come later, by the same line. */
const WITH_SUBSCRIPTION = /subscribe|submitAndWatch/i;

class JoinedLines implements NodeLines {
  readonly calls = new Map<string, number>();
  readonly #name: string;
  readonly #members: readonly Member[];
  readonly #listeners: LineListener[] = [];
  readonly #opening = Promise.withResolvers<void>();
  /** Has the subscriptions. */
  #main: Member | undefined;
  #genesis: unknown;
  #lastAsked: Member | undefined;

  constructor(name: string, members: readonly Member[]) {
    this.#name = name;
    this.#members = members;
    for (const member of members) {
      member.line.listen({
        connected: (genesis) => this.#take(member, genesis),
        lost: () => this.#lose(member),
        told: (message) => {
          if (member === this.#main) for (const { told } of this.#listeners) told(message);
        },
      });
    }
  }

  get isConnected(): boolean {
    return this.#main !== undefined;
  }

  listen(listener: LineListener): void {
    this.#listeners.push(listener);
  }

  async open(): Promise<void> {
    const opened = Promise.allSettled(this.#members.map(({ line }) => line.open()));
    // None of them: the first says why.
    const none = opened.then((all) => {
      const [first] = all;
      if (all.every(({ status }) => status === 'rejected') && first?.status === 'rejected') {
        throw first.reason;
      }
      return this.#opening.promise;
    });
    await Promise.race([none, this.#opening.promise]);
  }

  async call(method: string, params: readonly unknown[]): Promise<unknown> {
    if (WITH_SUBSCRIPTION.test(method)) return await this.#ask(this.#mainOf(), method, params);
    const isOfNewest = params.length === 0;
    if (isOfNewest && method === 'chain_getFinalizedHead') return (await this.#finalHead()).hash;
    if (isOfNewest && method === 'chain_getHeader') return (await this.#head()).header;
    return await this.#askInTurn(method, params);
  }

  async toAll(method: string, params: readonly unknown[]): Promise<unknown> {
    const given = this.#askable().map((member) => this.#ask(member, method, params));
    return await firstToTake(given, (failure) => isOpinion(method, failure));
  }

  distrust(why: string): string | undefined {
    const liar = this.#lastAsked;
    if (liar === undefined) return undefined;
    liar.endpoint.distrust(why);
    // What it has said is kept by whoever hears of its loss.
    const [best] = this.#usable();
    if (liar === this.#main && best !== undefined && best !== liar) this.#moveTo(best);
    return new URL(liar.endpoint.url).host;
  }

  endpoints(): readonly EndpointHealth[] {
    return this.#members.map(({ endpoint }) => endpoint.health());
  }

  close(): void {
    for (const { line } of this.#members) line.close();
  }

  /** One that is of another chain than the first that answered is not used. */
  #take(member: Member, genesis: unknown): void {
    member.endpoint.answered();
    this.#genesis ??= genesis;
    if (genesis !== this.#genesis) {
      member.endpoint.distrust('it is of another chain');
      this.#opening.reject(this.#mismatch(member, genesis));
      return;
    }
    member.isUsable = true;
    if (this.#main === undefined) this.#moveTo(member);
    this.#opening.resolve();
  }

  #mismatch({ endpoint }: Member, genesis: unknown): ChainError {
    const { host } = new URL(endpoint.url);
    const what = `the nodes are of different chains: ${host} has the genesis block ${genesis}, others ${this.#genesis}`;
    return new ChainError('CHAIN_MISMATCH', { chain: this.#name, what });
  }

  #lose(member: Member): void {
    member.isUsable = false;
    if (member !== this.#main) return;
    this.#main = undefined;
    for (const { lost } of this.#listeners) lost();
    const [next] = this.#usable();
    if (next !== undefined) this.#moveTo(next);
  }

  #moveTo(member: Member): void {
    if (this.#main !== undefined) for (const { lost } of this.#listeners) lost();
    this.#main = member;
    for (const { connected } of this.#listeners) connected(this.#genesis);
  }

  #usable(): Member[] {
    return inOrder(this.#members.filter(({ isUsable }) => isUsable));
  }

  /** Never none. */
  #askable(): Member[] {
    const members = this.#usable();
    return members.length === 0 ? [this.#mainOf()] : members;
  }

  /** Without any that can be used the first: its line says why not. */
  #mainOf(): Member {
    const [first] = this.#members;
    if (first === undefined) throw new RangeError('a chain has at least one node');
    return this.#main ?? first;
  }

  async #askInTurn(method: string, params: readonly unknown[]): Promise<unknown> {
    const failures: unknown[] = [];
    for (const member of this.#askable()) {
      try {
        const answer = await this.#ask(member, method, params);
        this.#lastAsked = member;
        return answer;
      } catch (error) {
        failures.push(error);
      }
    }
    throw weightiest(failures, (failure) => isOpinion(method, failure));
  }

  async #ask(member: Member, method: string, params: readonly unknown[]): Promise<unknown> {
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1);
    try {
      const answer = await member.line.call(method, params);
      member.endpoint.answered();
      return answer;
    } catch (error) {
      if (!isOpinion(method, error)) member.endpoint.fault('failed');
      throw error;
    }
  }

  /** Any of two that are equally high will do: it is not final yet. */
  async #head(): Promise<HeaderClaim> {
    const claims = await this.#claims((member) => this.#headerClaim(member, []));
    const agreed = agreedHead(claims);
    return claims.find((claim) => claim.endpoint === agreed?.endpoint) ?? highestOf(claims);
  }

  async #finalHead(): Promise<HeadClaim> {
    const claims = await this.#claims(async (member) => {
      const final = hash.parse(await this.#ask(member, 'chain_getFinalizedHead', []));
      // One node's word on a hash is as good as another's on its number; the block is proven by its hash.
      if (this.#members.length === 1) return { endpoint: member.endpoint, number: 0, hash: final };
      return { ...(await this.#headerClaim(member, [final])), hash: final };
    });
    const agreed = agreedHead(claims);
    if (agreed !== undefined) return agreed;
    const what = `the nodes disagree on which block ${claims[0]?.number} is final`;
    throw new ChainError('CHAIN_ANSWER_INCOMPLETE', { chain: this.#name, what });
  }

  async #headerClaim(member: Member, params: readonly string[]): Promise<HeaderClaim> {
    const header = await this.#ask(member, 'chain_getHeader', params);
    // Its own hash is not in it; its parent's says which fork it is of.
    const { number, parentHash } = headerSchema.parse(header);
    return { endpoint: member.endpoint, number, hash: parentHash, header };
  }

  /** One that gives signs of life and answers nothing else would keep the others from being heard for a minute each time. */
  async #claims<C>(claim: (member: Member) => Promise<C>): Promise<C[]> {
    return await gatherAnswers(this.#askable().map(claim));
  }
}

interface HeaderClaim extends HeadClaim {
  readonly header: unknown;
}

const headerSchema = z.object({ number: quantity.transform(Number), parentHash: hash });

function highestOf(claims: readonly HeaderClaim[]): HeaderClaim {
  const highest = claims.toSorted((a, b) => b.number - a.number)[0];
  if (highest === undefined) throw new RangeError('at least one node has answered');
  return highest;
}

/**
 * What a node thinks of an extrinsic, which another need not think: one has put it aside for a while, the pool of another is full. That is
 * no fault of the node's. All other refusals are of what a node lacks.
 */
function isOpinion(method: string, error: unknown): boolean {
  if (error instanceof LineLate || !(error instanceof Error) || !('code' in error)) return false;
  return method.startsWith('author_');
}
