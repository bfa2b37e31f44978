import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';

// The files that the Dockerfile copies into its last stage, in a folder of their own. The packages are those of this repository: containers
// cannot be run everywhere, and which packages the image has is for npm to know.

const ROOT = resolve(import.meta.dirname, '../..');
const WORKSPACE = '@veilspan';
let image: string;

beforeAll(() => {
  image = mkdtempSync(join(tmpdir(), 'veilspan-image-'));
  const lastStage =
    readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
      .split(/^FROM /m)
      .at(-1) ?? '';
  const copies = [...lastStage.matchAll(/^COPY --from=build (.+) (\S+)$/gm)];
  for (const [, sources = '', target = ''] of copies) {
    for (const source of sources.split(' ')) {
      const file = source.replace('/veilspan/', '');
      const to = target.endsWith('/')
        ? join(image, target, file.split('/').at(-1) ?? '')
        : join(image, target);
      mkdirSync(dirname(to), { recursive: true });
      cpSync(join(ROOT, file), to, {
        recursive: true,
        filter: (each) => !each.endsWith('/node_modules'),
      });
    }
  }
  const modules = join(image, 'node_modules');
  mkdirSync(join(modules, WORKSPACE), { recursive: true });
  symlinkSync('../../devnet', join(modules, WORKSPACE, 'devnet'));
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== WORKSPACE) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
});

afterAll(() => rmSync(image, { recursive: true, force: true }));

test('the image has all that its local world starts with', async () => {
  const program = join(image, 'src/cli/veilspan.mjs');
  const child = spawn(process.execPath, [program, 'devnet', '--folder', join(image, 'world')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint += text;
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  let isWaiting = false;
  for await (const line of createInterface({ input: child.stdout })) {
    isWaiting = line.startsWith('waiting for an enclave');
    if (isWaiting) child.kill('SIGTERM');
  }
  await ended;
  expect(isWaiting, complaint).toBe(true);
});

test('the image has every file that its bundle of the relayer is held to', () => {
  const { files } = JSON.parse(readFileSync(join(image, 'dist/relayer/built-from.json'), 'utf8'));
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file: string) => !existsSync(join(image, file)))).toEqual([]);
});
