import { describe, expect, it } from 'vitest';
import { createEndpoints, inOrder } from '../../../../src/chains/shared/endpoints.ts';

describe('the nodes of a chain', () => {
  const three = () => {
    let nowMs = 0;
    const urls = ['https://a.example/v1/secret', 'https://b.example', 'https://c.example'];
    const nodes = createEndpoints(urls, () => nowMs).map((endpoint) => ({ endpoint }));
    const hosts = () => inOrder(nodes).map(({ endpoint }) => endpoint.health().host[0]);
    const [first, second] = nodes.map(({ endpoint }) => endpoint);
    if (first === undefined || second === undefined) throw new Error('there are three');
    const pass = (ms: number) => {
      nowMs += ms;
    };
    return { first, second, hosts, pass };
  };

  it('are asked in the order of the configuration, and one that fails after the others', () => {
    const { first, second, hosts, pass } = three();
    expect(hosts()).toEqual(['a', 'b', 'c']);
    first.fault('failed');
    first.fault('failed');
    second.fault('failed');
    expect(hosts()).toEqual(['c', 'b', 'a']);
    pass(5 * 60_000);
    expect(hosts()).toEqual(['a', 'b', 'c']);
  });

  it('are told by host, without what else their address holds', () => {
    const { first } = three();
    first.answered();
    expect(first.health()).toEqual({
      host: 'a.example',
      score: 1,
      answers: 1,
      failures: 0,
      lies: 0,
      distrustedFor: undefined,
    });
  });

  it('are asked last after a lie, for minutes, and then as before', () => {
    const { first, second, hosts, pass } = three();
    first.distrust('it left out a log');
    for (let i = 0; i < 10; i++) second.fault('failed');
    expect(hosts()).toEqual(['c', 'b', 'a']);
    expect(first.health()).toMatchObject({ lies: 1, distrustedFor: 'it left out a log' });
    pass(3 * 60_000);
    expect(hosts().at(-1)).toBe('a');
    pass(5 * 60_000);
    expect(hosts()[0]).toBe('a');
    expect(first.health()).toMatchObject({ lies: 1, distrustedFor: undefined });
  });
});
