import { ssz } from '@lodestar/types';
import type { SyncAggregate } from './beacon-block.ts';
import type { FuluHeader, LightClientHeader } from './block-record.ts';
import { type GloasHeader, upgradeHeader } from './gloas.ts';

export type SyncCommittee = ReturnType<typeof ssz.altair.SyncCommittee.defaultValue>;

interface UpdateOf<Header> {
  attestedHeader: Header;
  nextSyncCommittee: SyncCommittee;
  nextSyncCommitteeBranch: Uint8Array[];
  finalizedHeader: Header;
  finalityBranch: Uint8Array[];
  syncAggregate: SyncAggregate;
  signatureSlot: number;
}

/** In the form of the attested header's fork. */
export type LightClientUpdate = UpdateOf<FuluHeader> | UpdateOf<GloasHeader>;

/** What an update is made of; what is left out stays as it is by default. */
export type UpdateParts = Partial<Omit<UpdateOf<LightClientHeader>, 'attestedHeader'>> &
  Pick<UpdateOf<LightClientHeader>, 'attestedHeader' | 'syncAggregate' | 'signatureSlot'>;

/** An update in the form of the attested header's fork; the finalized one is brought to it. */
export function createUpdate(parts: UpdateParts): LightClientUpdate {
  const { attestedHeader: attested, finalizedHeader: finalized, ...rest } = parts;
  if (isGloasHeader(attested)) {
    const empty = ssz.gloas.LightClientUpdate.defaultValue();
    const finalizedHeader = finalized ? toGloas(finalized) : empty.finalizedHeader;
    return { ...empty, ...rest, attestedHeader: attested, finalizedHeader };
  }
  const empty = ssz.fulu.LightClientUpdate.defaultValue();
  if (finalized && isGloasHeader(finalized)) {
    throw new RangeError('a block of Fulu cannot show that one of Gloas is final');
  }
  const finalizedHeader = finalized ?? empty.finalizedHeader;
  return { ...empty, ...rest, attestedHeader: attested, finalizedHeader };
}

function toGloas(header: LightClientHeader): GloasHeader {
  return isGloasHeader(header) ? header : upgradeHeader(header);
}

/** Whether a header has the form of Gloas. */
export function isGloasHeader(header: LightClientHeader): header is GloasHeader {
  return 'executionBlockHash' in header;
}

type UpdateType =
  | 'LightClientUpdate'
  | 'LightClientFinalityUpdate'
  | 'LightClientOptimisticUpdate'
  | 'LightClientBootstrap';

/** What a type's JSON is made of: an update, or all of a bootstrap. */
type Served =
  | LightClientUpdate
  | {
      readonly header: LightClientHeader;
      readonly currentSyncCommittee: SyncCommittee;
      readonly currentSyncCommitteeBranch: Uint8Array[];
    };

/** The Beacon API's JSON, in the form of the fork of the header that it is about. */
export function versionedJson(type: UpdateType, value: Served): { version: string; data: unknown } {
  const isGloas = isGloasHeader('header' in value ? value.header : value.attestedHeader);
  const version = isGloas ? 'gloas' : 'fulu';
  // CAST: the header's form decides the fork, and every value is made in one form; the caller names the type it made.
  return { version, data: ssz[version][type].toJson(value as never) };
}
