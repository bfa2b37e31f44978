// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {IEnclaveRegistry} from "./interfaces/IEnclaveRegistry.sol";

/// @title Who may sign for the bridge, see IEnclaveRegistry
contract EnclaveRegistry is Ownable2Step, IEnclaveRegistry {
    /// @inheritdoc IEnclaveRegistry
    uint64 public override epoch;
    /// @inheritdoc IEnclaveRegistry
    uint16 public override threshold;
    /// @inheritdoc IEnclaveRegistry
    bytes32 public override epochKey;
    /// @inheritdoc IEnclaveRegistry
    mapping(address enclave => bool) public override isRevoked;

    mapping(address enclave => Enclave) private _enclaves;

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
        if (epoch_ < epoch) revert RegistryEpochPast(epoch_, epoch);
        if (expiresAt <= block.timestamp) revert RegistryExpiryPast(expiresAt);
        if (measurement == 0) revert RegistryMeasurementZero();
        _enclaves[enclave] = Enclave(epoch_, expiresAt, measurement);
        emit EnclaveAdmitted(enclave, epoch_, expiresAt, measurement);
    }

    /// @inheritdoc IEnclaveRegistry
    function revoke(address enclave) external override onlyOwner {
        isRevoked[enclave] = true;
        emit EnclaveRevoked(enclave);
    }

    /// @inheritdoc IEnclaveRegistry
    function setThreshold(uint16 threshold_) external override onlyOwner {
        if (threshold_ == 0) revert RegistryThresholdZero();
        threshold = threshold_;
        emit ThresholdChanged(threshold_);
    }

    /// @inheritdoc IEnclaveRegistry
    function startEpoch(uint64 epoch_, bytes32 epochKey_) external override onlyOwner {
        if (epoch_ <= epoch) revert RegistryEpochNotAscending(epoch_, epoch);
        if (epochKey_ == 0) revert RegistryEpochKeyZero();
        epoch = epoch_;
        epochKey = epochKey_;
        emit EpochStarted(epoch_, epochKey_);
    }

    /// @inheritdoc IEnclaveRegistry
    function enclaveOf(address enclave) external view override returns (Enclave memory) {
        return _enclaves[enclave];
    }

    /// @inheritdoc IEnclaveRegistry
    function requireQuorum(bytes32 digest, uint64 epoch_, bytes[] calldata signatures)
        external
        view
        override
    {
        if (epoch_ == 0 || epoch_ != epoch) revert RegistryWrongEpoch(epoch_, epoch);
        if (threshold == 0 || signatures.length < threshold) {
            revert RegistryTooFewSignatures(signatures.length, threshold);
        }
        address previous = address(0);
        for (uint256 i = 0; i < signatures.length; ++i) {
            (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, signatures[i]);
            if (failure != ECDSA.RecoverError.NoError) revert RegistryInvalidSignature(i);
            if (signer <= previous) revert RegistrySignersNotAscending(previous, signer);
            _requireAdmitted(signer, epoch_);
            previous = signer;
        }
    }

    function _requireAdmitted(address signer, uint64 epoch_) private view {
        Enclave storage enclave = _enclaves[signer];
        if (isRevoked[signer]) revert RegistrySignerRevoked(signer);
        if (enclave.expiresAt == 0) revert RegistrySignerUnknown(signer);
        if (enclave.epoch != epoch_) {
            revert RegistrySignerOfOtherEpoch(signer, enclave.epoch, epoch_);
        }
        if (enclave.expiresAt <= block.timestamp) {
            revert RegistrySignerExpired(signer, enclave.expiresAt);
        }
    }
}
