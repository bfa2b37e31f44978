// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {EnclaveRegistry} from "../src/EnclaveRegistry.sol";
import {PermanentOwner} from "../src/base/PermanentOwner.sol";
import {IEnclaveRegistry} from "../src/interfaces/IEnclaveRegistry.sol";
import {Quorum} from "./support/Quorum.sol";

contract EnclaveRegistryTest is Quorum {
    /// @dev Order of the secp256k1 group.
    uint256 private constant GROUP_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    bytes32 private constant DIGEST = keccak256("digest");
    bytes32 private constant KEY = keccak256("key");
    address private constant STRANGER = address(0x57A6E);

    function setUp() public {
        _admitQuorum();
    }

    function test_admit_recordsWhenNew() public {
        vm.expectEmit(true, true, true, true, address(registry));
        emit IEnclaveRegistry.EnclaveAdmitted(STRANGER, 7, EXPIRES_AT, MEASUREMENT);
        registry.admit(STRANGER, 7, EXPIRES_AT, MEASUREMENT);
        IEnclaveRegistry.Enclave memory enclave = registry.enclaveOf(7, STRANGER);
        _same(enclave.expiresAt, EXPIRES_AT, "expiry");
        _same(enclave.measurement, MEASUREMENT, "measurement");
    }

    function test_admit_revertsWhenCallerIsNotOwner() public {
        vm.expectRevert(_notOwner());
        vm.prank(STRANGER);
        registry.admit(STRANGER, EPOCH, EXPIRES_AT, MEASUREMENT);
    }

    function test_admit_revertsWhenRevoked() public {
        registry.revoke(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistrySignerRevoked.selector, STRANGER));
        registry.admit(STRANGER, EPOCH, EXPIRES_AT, MEASUREMENT);
    }

    function test_admit_keepsOtherEpochsWhenRenewed() public {
        address enclave = vm.addr(keys[0]);
        registry.admit(enclave, 2, EXPIRES_AT + 1, keccak256("next"));
        _same(registry.enclaveOf(EPOCH, enclave).expiresAt, EXPIRES_AT, "expiry in the running epoch");
        _same(registry.enclaveOf(EPOCH, enclave).measurement, MEASUREMENT, "measurement in the running epoch");
        _same(registry.enclaveOf(2, enclave).expiresAt, EXPIRES_AT + 1, "expiry in the next epoch");
        registry.requireQuorum(DIGEST, EPOCH, _signatures(DIGEST));
    }

    function test_startEpoch_keepsSignersAndThresholdOfPastEpochs() public {
        _start(2, 3);
        for (uint256 i = 0; i < 3; ++i) {
            _same(registry.enclaveOf(EPOCH, vm.addr(keys[i])).measurement, MEASUREMENT, "measurement");
            _same(registry.enclaveOf(2, vm.addr(keys[i])).measurement, 0, "measurement in the new epoch");
        }
        _same(registry.thresholdOf(EPOCH), 2, "past threshold");
        _same(registry.thresholdOf(2), 3, "running threshold");
        _same(registry.threshold(), 3, "threshold");
    }

    function test_setThreshold_revertsWhenEpochIsPast() public {
        _start(2, 2);
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryEpochPast.selector, 1, 2));
        registry.setThreshold(1, 1);
    }

    function test_setThreshold_changesRunningOrLaterEpoch() public {
        vm.expectEmit(true, true, true, true, address(registry));
        emit IEnclaveRegistry.ThresholdChanged(EPOCH, 3);
        registry.setThreshold(EPOCH, 3);
        registry.setThreshold(9, 1);
        _same(registry.threshold(), 3, "running threshold");
        _same(registry.thresholdOf(9), 1, "later threshold");
    }

    function test_epochZero_takesNoEnclaveAndNoThreshold() public {
        EnclaveRegistry fresh = new EnclaveRegistry(address(this));
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryEpochZero.selector));
        fresh.admit(STRANGER, 0, EXPIRES_AT, MEASUREMENT);
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryEpochZero.selector));
        fresh.setThreshold(0, 1);
    }

    function test_renounceOwnership_revertsAlways() public {
        vm.expectRevert(abi.encodeWithSelector(PermanentOwner.OwnerPermanent.selector));
        registry.renounceOwnership();
        _same(registry.owner(), address(this), "owner");
    }

    function test_admit_revertsWhenEpochIsPast() public {
        _start(5, 2);
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryEpochPast.selector, 4, 5));
        registry.admit(STRANGER, 4, EXPIRES_AT, MEASUREMENT);
    }

    function test_admit_revertsWhenExpiryIsPast() public {
        uint64 now_ = uint64(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryExpiryPast.selector, now_));
        registry.admit(STRANGER, EPOCH, now_, MEASUREMENT);
    }

    function test_admit_revertsWhenEnclaveOrMeasurementIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryEnclaveZero.selector));
        registry.admit(address(0), EPOCH, EXPIRES_AT, MEASUREMENT);
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryMeasurementZero.selector));
        registry.admit(STRANGER, EPOCH, EXPIRES_AT, 0);
    }

    function test_revoke_revertsWhenCallerIsNotOwner() public {
        vm.expectRevert(_notOwner());
        vm.prank(STRANGER);
        registry.revoke(STRANGER);
    }

    function test_setThreshold_revertsWhenZeroOrCallerIsNotOwner() public {
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryThresholdZero.selector));
        registry.setThreshold(EPOCH, 0);
        vm.expectRevert(_notOwner());
        vm.prank(STRANGER);
        registry.setThreshold(EPOCH, 1);
    }

    function test_startEpoch_movesOnWhenLater() public {
        registry.setThreshold(9, 2);
        vm.expectEmit(true, true, true, true, address(registry));
        emit IEnclaveRegistry.EpochStarted(9);
        registry.startEpoch(9);
        _same(registry.epoch(), 9, "epoch");
    }

    function test_startEpoch_leavesKeyAlone() public {
        registry.publishKey(3, KEY);
        _start(9, 2);
        _current(3, KEY);
    }

    function test_startEpoch_revertsWhenNotLater() public {
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryEpochNotAscending.selector, 1, 1));
        registry.startEpoch(1);
    }

    function test_startEpoch_revertsWhenCallerIsNotOwner() public {
        vm.expectRevert(_notOwner());
        vm.prank(STRANGER);
        registry.startEpoch(2);
    }

    function test_currentKey_isZeroWhenNoneIsPublished() public view {
        _current(0, 0);
    }

    function test_publishKey_replacesKeyAndLeavesSignersAlone() public {
        registry.publishKey(1, keccak256("key 1"));
        vm.expectEmit(true, true, true, true, address(registry));
        emit IEnclaveRegistry.KeyPublished(7, KEY);
        registry.publishKey(7, KEY);
        _current(7, KEY);
        _same(registry.epoch(), EPOCH, "signing epoch");
        registry.requireQuorum(DIGEST, EPOCH, _signatures(DIGEST));
    }

    function test_publishKey_revertsWhenEpochIsNotAscending() public {
        registry.publishKey(7, KEY);
        for (uint64 epoch = 6; epoch <= 7; ++epoch) {
            vm.expectRevert(
                abi.encodeWithSelector(IEnclaveRegistry.RegistryKeyEpochNotAscending.selector, epoch, 7)
            );
            registry.publishKey(epoch, keccak256("another"));
        }
        _current(7, KEY);
    }

    function test_publishKey_revertsWhenEpochOrKeyIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryKeyEpochNotAscending.selector, 0, 0));
        registry.publishKey(0, KEY);
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryKeyZero.selector));
        registry.publishKey(1, 0);
    }

    function test_publishKey_revertsWhenCallerIsNotOwner() public {
        vm.expectRevert(_notOwner());
        vm.prank(STRANGER);
        registry.publishKey(1, KEY);
    }

    function test_requireQuorum_passesWhenEnoughSign() public view {
        registry.requireQuorum(DIGEST, EPOCH, _signatures(DIGEST));
    }

    function test_requireQuorum_passesWhenAllSign() public view {
        bytes[] memory list = new bytes[](3);
        for (uint256 i = 0; i < 3; ++i) {
            list[i] = _signature(keys[i], DIGEST);
        }
        registry.requireQuorum(DIGEST, EPOCH, list);
    }

    function test_requireQuorum_revertsWhenEpochIsWrong() public {
        bytes[] memory list = _signatures(DIGEST);
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryWrongEpoch.selector, 2, 1));
        registry.requireQuorum(DIGEST, 2, list);
    }

    function test_requireQuorum_revertsWhenNoEpochRuns() public {
        EnclaveRegistry fresh = new EnclaveRegistry(address(this));
        bytes[] memory list = _signatures(DIGEST);
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryWrongEpoch.selector, 0, 0));
        fresh.requireQuorum(DIGEST, 0, list);
    }

    function test_startEpoch_revertsWhenItHasNoThreshold() public {
        EnclaveRegistry fresh = new EnclaveRegistry(address(this));
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryThresholdUnset.selector, 1));
        fresh.startEpoch(1);
    }

    function test_requireQuorum_revertsWhenTooFewSign() public {
        bytes[] memory list = new bytes[](1);
        list[0] = _signature(keys[0], DIGEST);
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryTooFewSignatures.selector, 1, 2));
        registry.requireQuorum(DIGEST, EPOCH, list);
    }

    function test_requireQuorum_revertsWhenSignerIsDuplicate() public {
        bytes[] memory list = new bytes[](2);
        list[0] = _signature(keys[0], DIGEST);
        list[1] = list[0];
        address signer = vm.addr(keys[0]);
        vm.expectRevert(
            abi.encodeWithSelector(IEnclaveRegistry.RegistrySignersNotAscending.selector, signer, signer)
        );
        registry.requireQuorum(DIGEST, EPOCH, list);
    }

    function test_requireQuorum_revertsWhenUnsorted() public {
        bytes[] memory list = new bytes[](2);
        list[0] = _signature(keys[1], DIGEST);
        list[1] = _signature(keys[0], DIGEST);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnclaveRegistry.RegistrySignersNotAscending.selector, vm.addr(keys[1]), vm.addr(keys[0])
            )
        );
        registry.requireQuorum(DIGEST, EPOCH, list);
    }

    function test_requireQuorum_revertsWhenSignerIsUnknown() public {
        uint256 key = uint256(keccak256("unknown"));
        bytes[] memory list = new bytes[](2);
        list[0] = _signature(key, DIGEST);
        list[1] = list[0];
        vm.expectRevert(
            abi.encodeWithSelector(IEnclaveRegistry.RegistrySignerUnknown.selector, vm.addr(key), EPOCH)
        );
        registry.requireQuorum(DIGEST, EPOCH, list);
    }

    function test_requireQuorum_revertsWhenSignerIsRevoked() public {
        address signer = vm.addr(keys[1]);
        registry.revoke(signer);
        bytes[] memory list = _signatures(DIGEST);
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistrySignerRevoked.selector, signer));
        registry.requireQuorum(DIGEST, EPOCH, list);
    }

    function test_requireQuorum_revertsWhenSignerIsExpired() public {
        bytes[] memory list = _signatures(DIGEST);
        vm.warp(EXPIRES_AT - 1);
        registry.requireQuorum(DIGEST, EPOCH, list);
        vm.warp(EXPIRES_AT);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnclaveRegistry.RegistrySignerExpired.selector, vm.addr(keys[0]), EXPIRES_AT
            )
        );
        registry.requireQuorum(DIGEST, EPOCH, list);
    }

    function test_requireQuorum_revertsWhenSignerIsOfOtherEpoch() public {
        _start(2, 2);
        bytes[] memory list = _signatures(DIGEST);
        vm.expectRevert(
            abi.encodeWithSelector(IEnclaveRegistry.RegistrySignerUnknown.selector, vm.addr(keys[0]), 2)
        );
        registry.requireQuorum(DIGEST, 2, list);
    }

    function test_requireQuorum_revertsWhenSignatureIsMalleable() public {
        bytes[] memory list = _signatures(DIGEST);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[1], DIGEST);
        list[1] = abi.encodePacked(r, bytes32(GROUP_ORDER - uint256(s)), uint8(v == 27 ? 28 : 27));
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryInvalidSignature.selector, 1));
        registry.requireQuorum(DIGEST, EPOCH, list);
    }

    function test_requireQuorum_revertsWhenSignatureIsNot65Bytes() public {
        bytes[] memory list = _signatures(DIGEST);
        list[0] = bytes.concat(list[0], hex"00");
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryInvalidSignature.selector, 0));
        registry.requireQuorum(DIGEST, EPOCH, list);
    }

    function test_requireQuorum_revertsWhenRecoveryIdIsNot27Or28() public {
        bytes[] memory list = _signatures(DIGEST);
        list[0][64] = 0x01;
        vm.expectRevert(abi.encodeWithSelector(IEnclaveRegistry.RegistryInvalidSignature.selector, 0));
        registry.requireQuorum(DIGEST, EPOCH, list);
    }

    function testFuzz_requireQuorum_revertsWhenDigestIsAnother(bytes32 other) public {
        vm.assume(other != DIGEST);
        bytes[] memory list = _signatures(DIGEST);
        vm.expectRevert();
        registry.requireQuorum(other, EPOCH, list);
    }

    function testFuzz_requireQuorum_revertsWhenAnyByteIsFlipped(uint256 position, uint8 mask) public {
        bytes[] memory list = _signatures(DIGEST);
        position = _within(position, 0, 64);
        mask = uint8(_within(mask, 1, 255));
        list[1][position] = list[1][position] ^ bytes1(mask);
        vm.expectRevert();
        registry.requireQuorum(DIGEST, EPOCH, list);
    }

    function test_transferOwnership_waitsWhenNotAccepted() public {
        registry.transferOwnership(STRANGER);
        _same(registry.owner(), address(this), "owner before acceptance");
        vm.prank(STRANGER);
        registry.acceptOwnership();
        _same(registry.owner(), STRANGER, "owner after acceptance");
    }

    function _start(uint64 epoch, uint16 threshold) private {
        registry.setThreshold(epoch, threshold);
        registry.startEpoch(epoch);
    }

    function _current(uint64 keyEpoch, bytes32 key) private view {
        (uint64 keyEpoch_, bytes32 key_) = registry.currentKey();
        _same(keyEpoch_, keyEpoch, "key epoch");
        _same(key_, key, "key");
    }

    function _notOwner() private pure returns (bytes memory) {
        return abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, STRANGER);
    }
}
