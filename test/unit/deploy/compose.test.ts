import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { addApiCommand } from '../../../src/cli/commands/api.ts';
import { addDevnetCommand } from '../../../src/cli/commands/devnet.ts';
import { addEnclaveCommand } from '../../../src/cli/commands/enclave.ts';
import { addRelayerCommand } from '../../../src/cli/commands/relayer.ts';

// There is no container engine where these run: what the files say is held to what the images and the commands take.

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly user?: string;
  readonly profiles: readonly string[];
  readonly command?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
}

const root = join(import.meta.dirname, '../../..');
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');
const compose = parse(textOf('docker-compose.yml'), { merge: true });
const services = Object.entries(compose.services as Record<string, Service>);

/** The command that these words call; the program itself where there is none. */
function commandOf(words: readonly string[]): Command {
  const program = new Command();
  const adds = [addDevnetCommand, addEnclaveCommand, addRelayerCommand, addApiCommand];
  for (const add of adds) add(program);
  return words.reduce(
    (at, word) => at.commands.find((each) => each.name() === word) ?? at,
    program,
  );
}

const PARTS = ['redis', 'postgres', 'enclave', 'relayer', 'api', 'prometheus', 'grafana'];

describe.each(services)('the container %s', (_, service) => {
  it('runs as a user of its own, on a read-only root, with no capability and no way to more', () => {
    expect(service.user).toMatch(/^(?!root)[a-z]+$/);
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
  });

  it('is of an image that is pinned, or built here', () => {
    if (service.build === undefined)
      expect(service.image).toMatch(/:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
    else expect(service.build).toBe('.');
  });

  it('is looked at for its health', () => {
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
  });

  it('has no secret in its environment, and each file of one is declared', () => {
    const secrets = Object.entries(service.environment ?? {}).filter(([name]) =>
      /SIGNER|PASSWORD|SECRET|KEY/.test(name),
    );
    for (const [name, file] of secrets) {
      expect(name).toMatch(/_FILE$/);
      expect(file).toBe(`/run/secrets/${file.split('/').at(-1)}`);
    }
    for (const [, value] of Object.entries(service.environment ?? {})) {
      const file = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
      if (file !== undefined) expect(service.secrets).toContain(file);
    }
    for (const name of service.secrets ?? []) expect(compose.secrets).toHaveProperty(name);
  });

  it('is reached from this machine only', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('keeps what has to last in volumes that are declared, and mounts files that are there', () => {
    for (const volume of service.volumes ?? []) {
      const [from = '', , mode] = volume.split(':');
      if (!from.startsWith('./')) expect(compose.volumes).toHaveProperty(from);
      else expect([existsSync(join(root, from)), mode]).toEqual([true, 'ro']);
    }
  });

  it('waits only for containers of its own profiles', () => {
    const { depends_on: after = [], profiles } = service;
    const names = Array.isArray(after) ? after : Object.keys(after);
    for (const name of names) {
      const there = compose.services[name].profiles as string[];
      expect(there).toEqual(expect.arrayContaining([...profiles]));
    }
  });
});

describe('docker-compose.yml', () => {
  it('has both profiles, each with all that a bridge needs', () => {
    for (const profile of ['devnet', 'testnet']) {
      const names = services
        .filter(([, { profiles }]) => profiles.includes(profile))
        .map(([name]) => name);
      for (const part of PARTS) {
        expect(
          names.some((name) => name === part || name === `${part}-testnet`),
          part,
        ).toBe(true);
      }
    }
  });

  it.each(services.filter(([, { build }]) => build !== undefined))(
    'gives %s a command that there is, with options that it has',
    (_, { command = [] }) => {
      const called = commandOf(command);
      const options = command.filter((word) => word.startsWith('--'));
      expect(called.parent).not.toBeNull();
      expect(called.options.map(({ long }) => long)).toEqual(expect.arrayContaining(options));
    },
  );

  it('keeps secrets out of the repository and out of the image', () => {
    for (const { file } of Object.values(compose.secrets as Record<string, { file: string }>)) {
      expect(file).toMatch(/^\.\/deploy\/secrets\//);
    }
    for (const list of ['.gitignore', '.dockerignore']) {
      expect(textOf(list).split('\n')).toContain('deploy/secrets');
    }
  });
});

describe('the Dockerfile', () => {
  const stages = textOf('Dockerfile')
    .split(/^FROM /m)
    .slice(1);
  const last = stages.at(-1) ?? '';

  it('builds in one stage and runs in another, on an image that is pinned', () => {
    expect(stages.length).toBeGreaterThan(1);
    for (const stage of stages) expect(stage).toMatch(/^node:\d+\.\d+\.\d+-/);
    expect(textOf('package.json')).toContain(`"node": "${/^node:([\d.]+)/.exec(last)?.[1]}"`);
  });

  it('has nothing of the development in what runs', () => {
    expect(last).not.toMatch(/npm|COPY \. /);
    const [, from] = /COPY --from=(\w+) \/veilspan\/node_modules/.exec(last) ?? [];
    const stage = stages.find((each) => each.split('\n')[0]?.endsWith(` AS ${from}`));
    expect(stage).toContain('--omit=dev');
  });

  it('runs as a user who is not root, and says how its health is looked at', () => {
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^HEALTHCHECK .*is-healthy\.mjs/m);
  });

  it('takes along every folder that the commands read from', () => {
    for (const folder of ['src', 'devnet', 'dist', 'deploy', 'contracts-evm/out']) {
      expect(last).toContain(`/veilspan/${folder} ./${folder}`);
    }
  });
});

describe('the look at a container’s health', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-health-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const look = (target: string) =>
    spawnSync(process.execPath, [join(root, 'deploy/is-healthy.mjs')], {
      env: { ...process.env, VEILSPAN_HEALTH: target },
    }).status;

  it('is good where the file is there, and bad where it is not', () => {
    writeFileSync(join(folder, 'there'), '');
    expect(look(`file:${join(folder, 'there')}`)).toBe(0);
    expect(look(`file:${join(folder, 'elsewhere')}`)).toBe(1);
  });

  it('is bad where nobody listens', () => {
    expect(look(`socket:${join(folder, 'none.sock')}`)).toBe(1);
    expect(look('http://127.0.0.1:1/live')).toBe(1);
  });
});
