// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {PermanentOwner} from "./base/PermanentOwner.sol";
import {IEnclaveRegistry} from "./interfaces/IEnclaveRegistry.sol";

/// @title Who may sign for the bridge, see IEnclaveRegistry
contract EnclaveRegistry is PermanentOwner, IEnclaveRegistry {
    /// @inheritdoc IEnclaveRegistry
    uint64 public override epoch;
    /// @inheritdoc IEnclaveRegistry
    mapping(uint64 epoch => uint16) public override thresholdOf;
    /// @inheritdoc IEnclaveRegistry
    mapping(address enclave => bool) public override isRevoked;

    mapping(uint64 epoch => mapping(address enclave => Enclave)) private _enclaves;
    uint64 private _keyEpoch;
    bytes32 private _key;

    /// @param owner_ Who admits enclaves; meant to be a multisig or a governance contract.
    constructor(address owner_) Ownable(owner_) {}

    /// @inheritdoc IEnclaveRegistry
    function admit(address enclave, uint64 epoch_, uint64 expiresAt, bytes32 measurement)
        external
        override
        onlyOwner
    {
        if (enclave == address(0)) revert RegistryEnclaveZero();
        if (isRevoked[enclave]) revert RegistrySignerRevoked(enclave);
        _requireOpen(epoch_);
        if (expiresAt <= block.timestamp) revert RegistryExpiryPast(expiresAt);
        if (measurement == 0) revert RegistryMeasurementZero();
        _enclaves[epoch_][enclave] = Enclave(expiresAt, measurement);
        emit EnclaveAdmitted(enclave, epoch_, expiresAt, measurement);
    }

    /// @inheritdoc IEnclaveRegistry
    function revoke(address enclave) external override onlyOwner {
        isRevoked[enclave] = true;
        emit EnclaveRevoked(enclave);
    }

    /// @inheritdoc IEnclaveRegistry
    function setThreshold(uint64 epoch_, uint16 threshold_) external override onlyOwner {
        _requireOpen(epoch_);
        if (threshold_ == 0) revert RegistryThresholdZero();
        thresholdOf[epoch_] = threshold_;
        emit ThresholdChanged(epoch_, threshold_);
    }

    /// @inheritdoc IEnclaveRegistry
    function startEpoch(uint64 epoch_) external override onlyOwner {
        if (epoch_ <= epoch) revert RegistryEpochNotAscending(epoch_, epoch);
        if (thresholdOf[epoch_] == 0) revert RegistryThresholdUnset(epoch_);
        epoch = epoch_;
        emit EpochStarted(epoch_);
    }

    /// @inheritdoc IEnclaveRegistry
    function publishKey(uint64 keyEpoch, bytes32 key) external override onlyOwner {
        if (keyEpoch <= _keyEpoch) revert RegistryKeyEpochNotAscending(keyEpoch, _keyEpoch);
        if (key == 0) revert RegistryKeyZero();
        _keyEpoch = keyEpoch;
        _key = key;
        emit KeyPublished(keyEpoch, key);
    }

    /// @inheritdoc IEnclaveRegistry
    function currentKey() external view override returns (uint64 keyEpoch, bytes32 key) {
        return (_keyEpoch, _key);
    }

    /// @inheritdoc IEnclaveRegistry
    function enclaveOf(uint64 epoch_, address enclave) external view override returns (Enclave memory) {
        return _enclaves[epoch_][enclave];
    }

    /// @inheritdoc IEnclaveRegistry
    function threshold() external view override returns (uint16) {
        return thresholdOf[epoch];
    }

    /// @inheritdoc IEnclaveRegistry
    function requireQuorum(bytes32 digest, uint64 epoch_, bytes[] calldata signatures)
        external
        view
        override
    {
        if (epoch_ == 0 || epoch_ != epoch) revert RegistryWrongEpoch(epoch_, epoch);
        uint16 needed = thresholdOf[epoch_];
        if (signatures.length < needed) revert RegistryTooFewSignatures(signatures.length, needed);
        address previous = address(0);
        for (uint256 i = 0; i < signatures.length; ++i) {
            (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, signatures[i]);
            if (failure != ECDSA.RecoverError.NoError) revert RegistryInvalidSignature(i);
            if (signer <= previous) revert RegistrySignersNotAscending(previous, signer);
            _requireAdmitted(signer, epoch_);
            previous = signer;
        }
    }

    /// @dev What is recorded of a past epoch stays as it was: later rules read who could sign then.
    function _requireOpen(uint64 epoch_) private view {
        if (epoch_ == 0) revert RegistryEpochZero();
        if (epoch_ < epoch) revert RegistryEpochPast(epoch_, epoch);
    }

    function _requireAdmitted(address signer, uint64 epoch_) private view {
        uint64 expiresAt = _enclaves[epoch_][signer].expiresAt;
        if (isRevoked[signer]) revert RegistrySignerRevoked(signer);
        if (expiresAt == 0) revert RegistrySignerUnknown(signer, epoch_);
        if (expiresAt <= block.timestamp) revert RegistrySignerExpired(signer, expiresAt);
    }
}
