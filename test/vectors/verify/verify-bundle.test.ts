import { describe, expect, it } from 'vitest';
import {
  executionBundle,
  mainnetBundle,
  polkadotBundle,
} from '../../../scripts/lib/evidence-bundles.ts';
import { encodeByteVector } from '../../../src/codec/scale.ts';
import { parachainHeadKey } from '../../../src/light-client/polkadot/storage-keys.ts';
import { fromHex, type Hex, toHex } from '../../../src/shared/bytes.ts';
import { verifyLines } from '../../../src/verify/verify-lines.ts';
import { buildTrie } from '../../reference/polkadot/trie-builder.ts';
import { contractState, plain, word } from '../../support/contract-state.ts';
import { CLIENTS, TEST_CONFIG, withLightClient } from '../../support/enclave-world.ts';
import { type Json, MAINNET_CAPELLA } from '../../support/ethereum-vectors.ts';
import {
  chainOf,
  childBlock,
  genesis,
  type TestBlock,
  testAuthority,
} from '../../support/grandpa.ts';
import { vectorsMissing } from '../../support/vectors.ts';
import { asVersion1 } from '../../support/version-1-bundles.ts';

const IN_TIME = BigInt(Date.parse('2023-08-20') / 1000);
const printed: string[] = [];

async function verify(lines: readonly Json[], options: Json = {}) {
  return verifyText(
    lines.map((line) => JSON.stringify(line)),
    options,
  );
}

async function verifyText(lines: readonly string[], options: Json = {}) {
  printed.length = 0;
  const said = verifyLines(lines, { knownSinceSec: IN_TIME, ...options });
  let next = await said.next();
  for (; !next.done; next = await said.next()) printed.push(next.value);
  const refused = /REFUSED (\w+):/.exec(printed.join('\n'))?.[1];
  const steps = printed.filter((line) => /^ +\d+ /.test(line)).length;
  return { holds: next.value, refused, steps };
}

/** A copy of the lines in which `change` was applied to one. */
function tampered(lines: Json[], at: number, change: (line: Json) => void): Json[] {
  const copy = structuredClone(lines);
  change(copy[at]);
  return copy;
}

const flipLast = (hex: string) => hex.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));

describe.skipIf(vectorsMissing)('a bundle of Ethereum mainnet', () => {
  it('is followed from its checkpoint through six periods to a final block', async () => {
    expect(await verify(mainnetBundle())).toEqual({ holds: true, refused: undefined, steps: 8 });
    expect(printed.join('\n')).toContain('beacon block 0x5afc212a');
    expect(printed.at(-2)).toContain('ethereum block 17923026 0xbc8499537876e540');
    expect(printed.at(-1)).toBe('all 8 steps hold, on the trust stated above');
  });

  it.each([
    [
      'ETHEREUM_CHECKPOINT_MISMATCH',
      0,
      (line: Json) => {
        const [client] = line.trust.lightClients;
        client.checkpointRoot = flipLast(client.checkpointRoot);
      },
    ],
    [
      'ETHEREUM_SIGNATURE_INVALID',
      0,
      (line: Json) => {
        const [client] = line.trust.lightClients;
        client.genesisValidatorsRoot = flipLast(client.genesisValidatorsRoot);
      },
    ],
    [
      'ETHEREUM_BRANCH_INVALID',
      1,
      (line: Json) => {
        line.params.bootstrap.data.current_sync_committee.pubkeys.reverse();
      },
    ],
    [
      'ETHEREUM_BRANCH_INVALID',
      3,
      (line: Json) => {
        const { execution } = line.params.updates[0].data.finalized_header;
        execution.state_root = flipLast(execution.state_root);
      },
    ],
    [
      'ETHEREUM_PARTICIPATION_TOO_LOW',
      4,
      (line: Json) => {
        line.params.updates[0].data.sync_aggregate.sync_committee_bits = `0x${'00'.repeat(64)}`;
      },
    ],
    [
      'EVIDENCE_FILE_REFUSED',
      0,
      (line: Json) => {
        line.trust.anything = 1;
      },
    ],
    [
      'EVIDENCE_FILE_REFUSED',
      2,
      (line: Json) => {
        line.command = 'believe';
      },
    ],
  ] as const)('is refused with %s if line %i is tampered with', async (code, at, change) => {
    expect(await verify(tampered(mainnetBundle(), at, change))).toMatchObject({
      holds: false,
      refused: code,
    });
  });

  it('is refused if a period is left out, or the bootstrap', async () => {
    const lines = mainnetBundle();
    expect((await verify(lines.toSpliced(4, 1))).refused).toBe('ETHEREUM_SIGNATURE_PERIOD');
    expect((await verify(lines.toSpliced(1, 1))).refused).toBe('EVIDENCE_FILE_REFUSED');
  });

  it('is refused if its checkpoint was older than the weak-subjectivity period when it was learnt', async () => {
    const late = { knownSinceSec: BigInt(Date.parse('2023-08-26') / 1000) };
    expect(await verify(mainnetBundle(), late)).toEqual({
      holds: false,
      refused: 'CHECKPOINT_TOO_OLD',
      steps: 1,
    });
  });

  it('is refused if it rests on another configuration than the one that its user trusts', async () => {
    const { holds, refused } = await verify(mainnetBundle(), { expected: TEST_CONFIG });
    expect([holds, refused]).toEqual([false, 'EVIDENCE_FILE_REFUSED']);
    const expected = withLightClient(CLIENTS.ethereum, MAINNET_CAPELLA);
    expect((await verify(mainnetBundle(), { expected })).holds).toBe(true);
    expect((await verify(executionBundle(), { expected })).refused).toBe('EVIDENCE_FILE_REFUSED');
  });
});

describe.skipIf(vectorsMissing)('a bundle of one block of Ethereum', () => {
  it('proves an account and a slot under a block that is taken to be final', async () => {
    expect(await verify(executionBundle())).toMatchObject({ holds: true, steps: 1 });
    expect(printed.join('\n')).toContain(
      '0x00000000219ab540356cbb839cbe05303d7705fa has 57657174398349561183621184 wei',
    );
    expect(printed.join('\n')).toContain(
      'holds 0x2394e3bc4086a9625ae88307145a40ff4a4bf2c9a6755435bff86b22d6175d5f',
    );
  });

  it.each([
    [
      'STATE_PROOF_BLOCK_UNKNOWN',
      (line: Json) => {
        line.params.statement.header = flipLast(line.params.statement.header);
      },
    ],
    [
      'TRIE_NODE_HASH_MISMATCH',
      (line: Json) => {
        line.params.statement.address = flipLast(line.params.statement.address);
      },
    ],
    [
      'TRIE_PROOF_INCOMPLETE',
      (line: Json) => {
        line.params.statement.accountProof.pop();
      },
    ],
    [
      'TRIE_NODE_HASH_MISMATCH',
      (line: Json) => {
        line.params.statement.slots[0].slot = flipLast(line.params.statement.slots[0].slot);
      },
    ],
  ] as const)('is refused with %s if it is tampered with', async (code, change) => {
    expect(await verify(tampered(executionBundle(), 1, change))).toMatchObject({
      holds: false,
      refused: code,
    });
  });
});

describe.skipIf(vectorsMissing)('a bundle of the chain of three native nodes', () => {
  it('is followed through both changes of its authorities, and its contract is read', async () => {
    expect(await verify(polkadotBundle())).toMatchObject({ holds: true, steps: 7 });
    const text = printed.join('\n');
    expect(text).toContain('after 1 hand-over(s), to 4 authorities');
    expect(text).toContain('polkadot block 102 ');
    expect(text).toContain(`holds 0x${'00'.repeat(32)}`);
  });

  it.each([
    [
      'AUTHORITY_SET_KEY_REPEATED',
      0,
      (line: Json) => {
        const { authorities } = line.trust.lightClients[0].checkpoint;
        authorities[1] = authorities[0];
      },
    ],
    [
      'GRANDPA_AUTHORITY_UNKNOWN',
      0,
      (line: Json) => {
        line.trust.lightClients[0].checkpoint.authorities[0].id = `0x${'11'.repeat(32)}`;
      },
    ],
    [
      'GRANDPA_SIGNATURE_INVALID',
      0,
      (line: Json) => {
        line.trust.lightClients[0].checkpoint.setId = 7;
      },
    ],
    [
      'GRANDPA_TARGET_MISMATCH',
      1,
      (line: Json) => {
        line.params.updates[0].header = flipLast(line.params.updates[0].header);
      },
    ],
    [
      'STATE_PROOF_BLOCK_UNKNOWN',
      5,
      (line: Json) => {
        line.params.statement.blockHash = flipLast(line.params.statement.blockHash);
      },
    ],
    [
      'READ_PROOF_INCOMPLETE',
      6,
      (line: Json) => {
        line.params.statement.nodes.pop();
      },
    ],
  ] as const)('is refused with %s if line %i is tampered with', async (code, at, change) => {
    expect(await verify(tampered(polkadotBundle(), at, change))).toMatchObject({
      holds: false,
      refused: code,
    });
  });

  it('is refused if its checkpoint says that it is too old', async () => {
    const timestampSec = Number(IN_TIME) - 15 * 86_400;
    const old = tampered(polkadotBundle(), 0, (line) => {
      line.trust.lightClients[0].checkpoint.timestampSec = timestampSec;
    });
    expect((await verify(old)).refused).toBe('CHECKPOINT_TOO_OLD');
    const young = tampered(polkadotBundle(), 0, (line) => {
      line.trust.lightClients[0].checkpoint.timestampSec = timestampSec + 2 * 86_400;
    });
    expect((await verify(young)).holds).toBe(true);
    expect(printed.join('\n')).toContain('13 days old');
  });
});

describe('a bundle of a parachain', () => {
  const trieId: Hex = `0x${'1f'.repeat(32)}`;
  const state = contractState(new Map([[trieId, new Map([[word(0), fromHex(word(7))]])]]));
  const older = childBlock(genesis, { stateRoot: fromHex(state.stateRoot) });
  const [middle, head] = chainOf(older, 2) as [TestBlock, TestBlock];
  const headKey = plain(parachainHeadKey(1000));
  const relay = buildTrie(
    new Map([
      [headKey, encodeByteVector(head.header)],
      ['00ff', new Uint8Array(40)],
    ]),
    1,
  );
  const hash: Hex = `0x${'99'.repeat(32)}`;
  const authorities = [{ id: testAuthority(0).id, weight: 1 }];
  const checkpoint = { number: 9, hash, stateRoot: toHex(relay.root), setId: 0, authorities };
  const client = { id: 'relay', kind: 'substrate', checkpoint };
  const hop = {
    headNodes: relay.prove([headKey]).map(toHex),
    parents: [middle.header, older.header].map(toHex),
  };
  const bundle = (route: Json, hasHop: boolean): Json[] => [
    {
      bundle: 2,
      trust: {
        lightClients: [client],
        chains: [{ name: 'para', kind: 'substrate', lightClient: client.id, route }],
      },
    },
    {
      command: 'prove',
      params: {
        chain: 'para',
        statement: {
          blockHash: hash,
          ...(hasHop && { hop }),
          ...{ trieId, slots: [word(0)], nodes: state.prove(trieId, [word(0)]).map(toHex) },
        },
      },
    },
  ];

  it('reads a slot by the hop from the relay chain', async () => {
    expect((await verify(bundle({ paraId: 1000 }, true))).holds).toBe(true);
    expect(printed.join('\n')).toContain('para           contracts are on parachain 1000 of relay');
    expect(printed.join('\n')).toContain(`in para block ${toHex(older.hash)}`);
  });

  it('is refused by another way than its first line says', async () => {
    expect((await verify(bundle('direct', true))).refused).toBe('STATE_PROOF_OTHER_ROUTE');
    expect((await verify(bundle({ paraId: 1000 }, false))).refused).toBe('STATE_PROOF_OTHER_ROUTE');
    expect((await verify(bundle({ paraId: 1001 }, true))).holds).toBe(false);
  });

  it('is refused if a parent is left out', async () => {
    const lines = tampered(bundle({ paraId: 1000 }, true), 1, (line) => {
      line.params.statement.hop.parents.shift();
    });
    expect((await verify(lines)).refused).toBe('PARACHAIN_PARENT_MISMATCH');
  });
});

describe('the first line of a bundle', () => {
  const { lightClients, chains } = TEST_CONFIG;
  const [beacon, grandpa] = lightClients as [Json, Json];
  const one = { name: 'one', kind: 'ethereum', lightClient: beacon.id, route: 'direct' };
  const other = { name: 'other', kind: 'substrate', lightClient: grandpa.id, route: 'direct' };
  const headOf = (trust: Json) => [
    { bundle: 2, trust: { lightClients, chains: [one, other], ...trust } },
  ];
  const refusedAt = async (trust: Json, options: Json = {}) => {
    const { refused } = await verify(headOf(trust), options);
    return [refused, printed.at(-1)];
  };

  it('says by which light client each of its chains is final', async () => {
    await verify(headOf({}));
    expect(printed.join('\n')).toContain('one            blocks are final by beacon');
  });

  it.each([
    ['two light clients of one id', { lightClients: [beacon, { ...grandpa, id: beacon.id }] }],
    ['two chains of one name', { chains: [one, { ...other, name: 'one' }] }],
    ['a light client that it lacks', { chains: [{ ...one, lightClient: 'none' }] }],
    ['a light client of another kind', { chains: [{ ...other, lightClient: beacon.id }] }],
    ['a name that writes lines of its own', { chains: [{ ...one, name: 'one\n   1 holds' }] }],
  ])('is refused for %s', async (_, trust) => {
    expect((await refusedAt(trust))[0]).toBe('EVIDENCE_FILE_REFUSED');
  });

  it('may leave chains out and have names of its own, but none that its user gives to something else', async () => {
    const expected = TEST_CONFIG;
    const renamed = { ...beacon, id: 'eth' };
    const names = {
      lightClients: [renamed],
      chains: [{ ...one, name: 'main', lightClient: 'eth' }],
    };
    expect((await refusedAt(names, { expected }))[0]).toBeUndefined();
    expect(await refusedAt({ chains: [{ ...one, name: 'other' }] }, { expected })).toEqual([
      'EVIDENCE_FILE_REFUSED',
      expect.stringContaining('other'),
    ]);
    const swapped = { lightClients: [{ ...beacon, id: grandpa.id }], chains: [] };
    expect((await refusedAt(swapped, { expected }))[0]).toBe('EVIDENCE_FILE_REFUSED');
  });

  it('may rest on either of two light clients that its user starts from one checkpoint', async () => {
    const twin = { ...beacon, id: 'twin' };
    const twins = chains.map((chain) => ({
      ...chain,
      lightClient: chain.lightClient === beacon.id ? twin.id : chain.lightClient,
    }));
    const expected = { ...TEST_CONFIG, lightClients: [...lightClients, twin], chains: twins };
    expect((await refusedAt({ chains: [one] }, { expected }))[0]).toBeUndefined();
  });
});

describe('a record', () => {
  it.each(['status', 'evidence'])(
    'is refused for a "%s", which proves nothing',
    async (command) => {
      const params = command === 'evidence' ? { challenge: `0x${'00'.repeat(32)}` } : {};
      const lines = [{ measured: TEST_CONFIG }, { command, params }];
      expect(await verify(lines)).toMatchObject({ holds: false, refused: 'EVIDENCE_FILE_REFUSED' });
    },
  );

  it('is told of without what would move the cursor of a terminal', async () => {
    const step = { command: 'advance', params: { client: '\u001b[2K\rall 1', updates: [{}] } };
    expect((await verify([{ measured: TEST_CONFIG }, step])).holds).toBe(false);
    expect(printed.join('')).not.toMatch(/\p{Cc}\[2K|\r/u);
  });
});

describe.skipIf(vectorsMissing)('a bundle of version 1', () => {
  it.each([
    ['Ethereum mainnet', mainnetBundle],
    ['one block of Ethereum', executionBundle],
    ['three native nodes', polkadotBundle],
  ])('of %s says what the one of version 2 says', async (_, make) => {
    await verify(make());
    const newer = [...printed];
    expect(await verify(asVersion1(make()))).toMatchObject({ holds: true });
    expect(printed).toEqual(newer);
  });

  it.each([
    ['a chain that it did not know', (line: Json) => Object.assign(line.trust, { bitcoin: {} }), 0],
    ['a step that it did not know', (line: Json) => Object.assign(line, { command: 'prove' }), 1],
    ['a name of the prototype', (line: Json) => Object.assign(line, { command: 'toString' }), 1],
  ])('is refused with %s', async (_, change, at) => {
    const lines = tampered(asVersion1(polkadotBundle()), at, change);
    expect(await verify(lines)).toMatchObject({ holds: false, refused: 'EVIDENCE_FILE_REFUSED' });
  });
});
