import { describe, expect, it } from 'vitest';
import { ChainError } from '../../../src/chains/shared/bridged-chain.ts';
import { RelayerError } from '../../../src/relayer/bridge.ts';
import { sendConsoleToLog } from '../../../src/relayer/console-to-log.ts';
import { prettyLine } from '../../../src/relayer/log-lines.ts';
import { createLog } from '../../../src/relayer/relayer-log.ts';
import { Repeats } from '../../../src/relayer/repeats.ts';

const late = (what: string, cause?: unknown) =>
  new ChainError('CHAIN_TIMEOUT', { chain: 'ethereum', what }, { cause });

function openLog() {
  const lines: string[] = [];
  const log = createLog('debug', { destination: { write: (line) => void lines.push(line) } });
  return {
    log,
    lines,
    read: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('the relayer’s log', () => {
  it('has no line over 4 KB, whatever an error says, and says what was cut', () => {
    const { log, lines, read } = openLog();
    const huge = 'ß'.repeat(1_350_000);
    log.error({ err: late(huge), job: { kind: 'prove', id: huge } }, 'it failed');
    const lists = Array.from({ length: 20 }, () =>
      Array.from({ length: 20 }, () => 'x'.repeat(99)),
    );
    log.warn({ lists }, huge);
    for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(4096);
    expect(read()[0]).toMatchObject({ msg: 'it failed', err: { code: 'CHAIN_TIMEOUT' } });
    expect(lines[0]).toContain('1350000 characters');
    expect(read()[1]).toHaveProperty('cut');
  });

  it('has no line over 4 KB either where something stands for the paths of many URLs', () => {
    const { log, lines } = openLog();
    log.info('http://h/x '.repeat(360));
    expect(Buffer.byteLength(lines[0] ?? '')).toBeLessThanOrEqual(4096);
    expect(lines[0]).toContain('http://h/…');
  });

  it('tells of no failure that is the end of the relayer itself', () => {
    const { log, read } = openLog();
    log.warn({ err: new RelayerError('RELAYER_STOPPING', 'it was told to stop') }, 'not seen');
    log.warn({ err: late('no answer') }, 'seen');
    expect(read().map(({ msg }) => msg)).toEqual(['seen']);
  });

  it('has of no URL more than its host, whatever holds it', () => {
    const { log, lines, read } = openLog();
    const url = 'https://eth.example/v3/0123456789abcdef?key=hidden';
    const config = { url, urls: ['wss://user:hidden@node.example:443/ws'], redis: 'redis://h:1' };
    log.info({ config }, `asks ${url}, and http://127.0.0.1:9464`);
    log.error({ err: late(`no answer from ${url}`) }, 'it failed');
    expect(lines.join()).not.toMatch(/hidden|0123456789abcdef|user/);
    expect(read()[0]).toMatchObject({
      config: {
        url: 'https://eth.example/…',
        urls: ['wss://node.example:443/…'],
        redis: 'redis://h:1',
      },
      msg: 'asks https://eth.example/… and http://127.0.0.1:9464',
    });
  });

  it('names what lies behind an error by codes and names, and not by what libraries say of it', () => {
    const { log, lines, read } = openLog();
    const socket = Object.assign(new Error('to 0x77: secret'), { code: 'ECONNRESET' });
    const fetchFailed = new TypeError('fetch failed', { cause: socket });
    log.error({ err: late('no answer', fetchFailed) }, 'it failed');
    expect(read()[0]).toMatchObject({ err: { causes: ['TypeError', 'ECONNRESET'] } });
    expect(lines.join()).not.toContain('secret');
  });

  it('has a failure that repeats itself once, then at every doubling, and others in between', () => {
    const { log, read } = openLog();
    const job = { kind: 'prove', id: '1' };
    for (let i = 0; i < 9; i++) log.warn({ err: late('a'), job, failures: i }, 'again');
    log.warn({ err: late('a'), job: { ...job, id: '2' } }, 'again');
    expect(read().map(({ times }) => times)).toEqual([undefined, 2, 4, 8, undefined]);
    log.fatal({ err: late('a') }, 'the end');
    log.fatal({ err: late('a') }, 'the end');
    expect(read()).toHaveLength(7);
  });

  it('takes a failure for a new one when it has not come for ten minutes', () => {
    let nowMs = 0;
    const repeats = new Repeats(() => nowMs);
    expect([1, 2, 3].map(() => repeats.count('x'))).toEqual([1, 2, undefined]);
    nowMs = 600_001;
    expect(repeats.count('x')).toBe(1);
  });

  it('takes in what libraries print, so that every line has one form', () => {
    const { log, read } = openLog();
    const putBack = sendConsoleToLog(log);
    // As libraries do, by the name.
    const printer = globalThis.console;
    printer.warn('API/INIT:', 'no MetadataApi');
    printer.error('        RPC-CORE: getHeader(): refused');
    printer.log({ a: 1 });
    putBack();
    expect(read().map(({ level, printed }) => [level, printed])).toEqual([
      [40, 'API/INIT: no MetadataApi'],
      [20, 'RPC-CORE: getHeader(): refused'],
      [20, '{ a: 1 }'],
    ]);
  });

  it('can be read by people', () => {
    const { log, lines } = openLog();
    log.warn({ chain: 'ethereum', err: late('no answer') }, 'cannot follow the chain');
    expect(prettyLine(lines[0] ?? '')).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3}Z WARN {2}cannot follow the chain .*chain=ethereum err=\{"code":"CHAIN_TIMEOUT"/,
    );
  });
});
