import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Interface, type JsonFragment } from 'ethers';
import type { Hex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';

const OUT = join(import.meta.dirname, '../../contracts-evm/out');

/** A compiled contract: its interface and its creation code. */
export interface Artifact {
  readonly abi: Interface;
  readonly creationCode: Hex;
}

const loaded = new Map<string, Artifact>();

/** The compiled contract `name` of contracts-evm. @throws {ArtifactMissingError} the contracts are not built */
export function loadArtifact(name: string): Artifact {
  const known = loaded.get(name);
  if (known) return known;
  const path = join(OUT, `${name}.sol`, `${name}.json`);
  if (!existsSync(path)) throw new ArtifactMissingError({ contract: name });
  const json = JSON.parse(readFileSync(path, 'utf8')) as {
    abi: JsonFragment[];
    bytecode: { object: Hex };
  };
  const artifact = { abi: new Interface(json.abi), creationCode: json.bytecode.object };
  loaded.set(name, artifact);
  return artifact;
}

export class ArtifactMissingError extends BridgeError<{ contract: string }> {
  readonly code = 'DEPLOY_ARTIFACT_MISSING';
  readonly disposition = 'reject';
  constructor(meta: { contract: string }) {
    super(`Contract ${meta.contract} is not compiled: run \`npm run build:contracts\`.`, meta);
  }
}
