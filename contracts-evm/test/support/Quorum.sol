// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EnclaveRegistry} from "../../src/EnclaveRegistry.sol";
import {Commit, Cursor} from "../../src/libraries/CommitHash.sol";
import {ReleaseBatch} from "../../src/libraries/ReleaseHash.sol";
import {TestBase} from "./TestBase.sol";

/// @title Three enclaves of which two must sign, and digests written out apart from the contracts' libraries
abstract contract Quorum is TestBase {
    uint64 internal constant EPOCH = 1;
    uint64 internal constant EXPIRES_AT = 2_000_000_000;
    bytes32 internal constant MEASUREMENT = keccak256("measurement");

    EnclaveRegistry internal registry;
    /// @dev By ascending address.
    uint256[3] internal keys;

    function _admitQuorum() internal {
        vm.warp(1_900_000_000);
        registry = new EnclaveRegistry(address(this));
        keys = [uint256(keccak256("one")), uint256(keccak256("two")), uint256(keccak256("three"))];
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 j = i + 1; j < 3; ++j) {
                if (vm.addr(keys[j]) < vm.addr(keys[i])) (keys[i], keys[j]) = (keys[j], keys[i]);
            }
        }
        for (uint256 i = 0; i < 3; ++i) {
            registry.admit(vm.addr(keys[i]), EPOCH, EXPIRES_AT, MEASUREMENT);
        }
        registry.setThreshold(EPOCH, 2);
        registry.startEpoch(EPOCH);
    }

    function _signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _signatures(bytes32 digest) internal view returns (bytes[] memory list) {
        list = new bytes[](2);
        list[0] = _signature(keys[0], digest);
        list[1] = _signature(keys[1], digest);
    }

    function _digest(address verifier, bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Veilspan"),
                keccak256("1"),
                block.chainid,
                verifier
            )
        );
        return keccak256(bytes.concat(hex"1901", domain, structHash));
    }

    function _cursorsHash(Cursor[] memory list) private pure returns (bytes32) {
        bytes memory hashes;
        for (uint256 i = 0; i < list.length; ++i) {
            bytes32 hash = keccak256(abi.encode(keccak256("Cursor(uint256 chainId,uint64 count)"), list[i]));
            hashes = bytes.concat(hashes, hash);
        }
        return keccak256(hashes);
    }

    function _commitDigest(address verifier, Commit memory commit) internal view returns (bytes32) {
        bytes32 typeHash = keccak256(
            "Commit(uint64 epoch,uint64 number,uint64 round,uint64 asOf,bytes32 prevState,bytes32 postState,Cursor[] inputs,uint64 control,Cursor[] paid,bytes32 beneficiary)Cursor(uint256 chainId,uint64 count)"
        );
        return _digest(
            verifier,
            keccak256(
                abi.encode(
                    typeHash,
                    commit.epoch,
                    commit.number,
                    commit.round,
                    commit.asOf,
                    commit.prevState,
                    commit.postState,
                    _cursorsHash(commit.inputs),
                    commit.control,
                    _cursorsHash(commit.paid),
                    commit.beneficiary
                )
            )
        );
    }

    function _listHashes(ReleaseBatch memory batch) internal pure returns (bytes32, bytes32) {
        bytes memory releases;
        for (uint256 i = 0; i < batch.releases.length; ++i) {
            bytes32 typeHash = keccak256(
                "Release(bytes32 tag,bytes32 asset,address recipient,uint256 amount,uint64 refundOf)"
            );
            releases = bytes.concat(releases, keccak256(abi.encode(typeHash, batch.releases[i])));
        }
        bytes memory fees;
        for (uint256 i = 0; i < batch.fees.length; ++i) {
            bytes32 typeHash = keccak256("Fee(bytes32 asset,uint256 amount)");
            fees = bytes.concat(fees, keccak256(abi.encode(typeHash, batch.fees[i])));
        }
        return (keccak256(releases), keccak256(fees));
    }

    function _batchDigest(ReleaseBatch memory batch) internal view returns (bytes32) {
        (bytes32 releases, bytes32 fees) = _listHashes(batch);
        bytes32 typeHash = keccak256(
            "ReleaseBatch(uint256 chainId,address gateway,uint64 epoch,uint64 firstIndex,bytes32 prevHead,Release[] releases,Fee[] fees,uint64 consumedCount,address submitter)Fee(bytes32 asset,uint256 amount)Release(bytes32 tag,bytes32 asset,address recipient,uint256 amount,uint64 refundOf)"
        );
        return _digest(
            batch.gateway,
            keccak256(
                abi.encode(
                    typeHash,
                    batch.chainId,
                    batch.gateway,
                    batch.epoch,
                    batch.firstIndex,
                    batch.prevHead,
                    releases,
                    fees,
                    batch.consumedCount,
                    batch.submitter
                )
            )
        );
    }
}
