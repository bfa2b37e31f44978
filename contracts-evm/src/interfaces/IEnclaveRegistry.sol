// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Who may sign for the bridge, in which epoch, until when, under which measurement
/// @notice The owner admits enclave keys whose evidence was verified. Gateways and the anchor ask
/// `requireQuorum` before they believe a signature list. Keys and thresholds are kept by epoch, and those of past epochs
/// can be read but not changed: who could sign then stays known.
/// These are signing epochs. The key that users seal to has epochs of its own, which the ledger starts: the registry tells
/// wallets of the one that runs, and nothing that is signed depends on it.
interface IEnclaveRegistry {
    /// @notice An enclave key admitted to an epoch.
    /// @param expiresAt Unix time in seconds from which the key signs no more.
    /// @param measurement Hash of the code and configuration that the key's evidence shows.
    struct Enclave {
        uint64 expiresAt;
        bytes32 measurement;
    }

    /// @notice An enclave key may sign from now on.
    event EnclaveAdmitted(
        address indexed enclave, uint64 indexed epoch, uint64 expiresAt, bytes32 measurement
    );
    /// @notice An enclave key may never sign again.
    event EnclaveRevoked(address indexed enclave);
    /// @notice The number of signatures that an epoch asks for has changed.
    event ThresholdChanged(uint64 indexed epoch, uint16 threshold);
    /// @notice A new epoch runs.
    event EpochStarted(uint64 indexed epoch);
    /// @notice Users seal to another key.
    event KeyPublished(uint64 indexed keyEpoch, bytes32 key);

    /// @notice The enclave address is zero.
    error RegistryEnclaveZero();
    /// @notice The expiry is not in the future.
    error RegistryExpiryPast(uint64 expiresAt);
    /// @notice The measurement is zero.
    error RegistryMeasurementZero();
    /// @notice Epochs count from 1.
    error RegistryEpochZero();
    /// @notice A past epoch takes no more enclaves and keeps its threshold.
    error RegistryEpochPast(uint64 epoch, uint64 current);
    /// @notice Epochs only ever grow.
    error RegistryEpochNotAscending(uint64 epoch, uint64 current);
    /// @notice Key epochs only ever grow, from 1, and none takes a second key.
    error RegistryKeyEpochNotAscending(uint64 keyEpoch, uint64 current);
    /// @notice The key is zero.
    error RegistryKeyZero();
    /// @notice A threshold of zero would let anyone sign.
    error RegistryThresholdZero();
    /// @notice The epoch cannot start before it has a threshold.
    error RegistryThresholdUnset(uint64 epoch);
    /// @notice The signatures are for another epoch than the running one, or none runs yet.
    error RegistryWrongEpoch(uint64 epoch, uint64 current);
    /// @notice Fewer signatures than the epoch's threshold.
    error RegistryTooFewSignatures(uint256 given, uint16 threshold);
    /// @notice Signers must be in strictly ascending order, which also excludes duplicates.
    error RegistrySignersNotAscending(address previous, address signer);
    /// @notice The signature at `position` is no 65-byte `r ‖ s ‖ v` with low `s` and `v` 27 or 28.
    error RegistryInvalidSignature(uint256 position);
    /// @notice The signer was not admitted to the epoch, or signed another digest.
    error RegistrySignerUnknown(address signer, uint64 epoch);
    /// @notice The key was revoked and cannot come back.
    error RegistrySignerRevoked(address signer);
    /// @notice The key's time is over.
    error RegistrySignerExpired(address signer, uint64 expiresAt);

    /// @notice Admits `enclave` to an epoch, or renews it there. A key may be admitted to any number of epochs. Owner only.
    /// @param enclave Address of the enclave's signing key.
    /// @param epoch The epoch it may sign in, the running one or a later one.
    /// @param expiresAt Unix time in seconds from which it signs no more.
    /// @param measurement What its evidence shows it to run.
    function admit(address enclave, uint64 epoch, uint64 expiresAt, bytes32 measurement) external;

    /// @notice Bars `enclave` for ever and in every epoch, admitted or not. Owner only.
    /// @param enclave Address of the enclave's signing key.
    function revoke(address enclave) external;

    /// @notice Sets how many signatures a quorum of an epoch takes, at least one. Owner only.
    /// @param epoch The running epoch or a later one.
    /// @param threshold The new number.
    function setThreshold(uint64 epoch, uint16 threshold) external;

    /// @notice Starts a later epoch than the running one; only keys admitted to it sign from then on. Owner only.
    /// @param epoch Number of the epoch, from 1; its threshold must be set.
    function startEpoch(uint64 epoch) external;

    /// @notice Tells wallets of this chain which key to seal to. Owner only.
    /// @dev In this order, or what users seal does not open:
    /// 1. Tell the ledger: `startEpoch` of the anchor. The first key epoch runs from the start and needs none.
    /// 2. Wait until the last round before the epoch is committed and final: an enclave's status then shows the epoch as
    /// `keyEpoch`, with its `epochKey`. What is sent from now on is consumed in the epoch, so no wallet seals to one that has
    /// not begun.
    /// 3. Hold both against the enclave's evidence, which binds them. A wrong key cannot be replaced, only followed by the
    /// next epoch's.
    /// 4. Publish on every chain, within the grace in which the ledger opens what is sealed to the epoch before.
    /// @param keyEpoch Number of the key epoch, above the one published before.
    /// @param key X25519 public key that users seal envelopes to (RFC 9180).
    function publishKey(uint64 keyEpoch, bytes32 key) external;

    /// @notice The running epoch; 0 before the first.
    function epoch() external view returns (uint64);

    /// @notice What users seal to; both in one answer, so that nobody pairs a key with another's epoch.
    /// @return keyEpoch The key epoch that was published last; 0 before the first.
    /// @return key Its X25519 public key; zero before the first.
    function currentKey() external view returns (uint64 keyEpoch, bytes32 key);

    /// @notice How many signatures a quorum of the running epoch takes; 0 before the first epoch.
    function threshold() external view returns (uint16);

    /// @notice How many signatures a quorum of `epoch` takes, or took; 0 if it was never set.
    /// @param epoch Any epoch.
    function thresholdOf(uint64 epoch) external view returns (uint16);

    /// @notice What is recorded of an enclave key in an epoch; all zero if it was not admitted to it.
    /// @param epoch Any epoch.
    /// @param enclave Address of the key.
    function enclaveOf(uint64 epoch, address enclave) external view returns (Enclave memory);

    /// @notice Whether the key was revoked.
    /// @param enclave Address of the key.
    function isRevoked(address enclave) external view returns (bool);

    /// @notice Returns if enough enclaves of the running epoch signed `digest`, else reverts. Every
    /// signature given must be good, also those beyond the threshold.
    /// @param digest The 32 bytes that were signed.
    /// @param epoch The epoch that the signed message names.
    /// @param signatures 65 bytes each, by ascending signer address.
    function requireQuorum(bytes32 digest, uint64 epoch, bytes[] calldata signatures) external view;
}
