// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What governance tells the ledger: an outbox of the anchor's own
/// @notice Enclaves learn of it as they learn of deposits, by proof and all at the same place. A message holds from the round
/// it names, at the earliest the one after the round whose cut includes it; a suspension holds at once. What the ledger
/// cannot carry out (a rung taken away, another pool unit, an epoch that is not higher) it ignores, whole.
/// What belongs together can be sent in one transaction: see OpenZeppelin's `Multicall`.
interface IControlBook {
    /// @notice The outbox has message `index`; `head` is its head with it.
    /// @param kind One of the constants of `ControlHash`.
    /// @param round The round it names, 0 for none; of a suspension the first round that was not committed.
    /// @param payload ABI encoding of the arguments of the function that sent it, without the round.
    event ControlSent(
        uint64 indexed index, uint8 indexed kind, uint64 round, uint64 sentAtSec, bytes payload, bytes32 head
    );

    /// @notice The argument must not be zero.
    error AnchorArgumentZero(bytes32 name);
    /// @notice Rungs are one to `MAX_RUNGS` codes, each above the one before, at most `MAX_RUNG`, of amounts that fit 128 bits.
    error AnchorWrongRungs(uint128 poolUnit, uint8[] rungs);

    /// @notice The ledger takes `asset` from now on. Said again it may add rungs and change the two amounts. Owner only.
    /// @param asset Asset id.
    /// @param poolUnit What the canonical amounts are multiples of, in the asset's smallest unit.
    /// @param rungs The canonical amounts as codes 3i, 3i + 1, 3i + 2 for 1, 2, 5 × 10^i × `poolUnit`. The smallest should be ten
    /// times the highest rate at least.
    /// @param entryFee What opening an account by a credit in this asset costs.
    /// @param leastBalance What an account's balance keeps at least.
    function registerAsset(
        bytes32 asset,
        uint128 poolUnit,
        uint8[] calldata rungs,
        uint128 entryFee,
        uint128 leastBalance
    ) external;

    /// @notice A release that pays `asset` on chain `chainId` costs `rate`. Without a rate it cannot be paid there. Owner only.
    function setRate(bytes32 asset, uint64 chainId, uint128 rate) external;

    /// @notice Posting an order in `asset` earns `reward`. Owner only.
    function setReward(bytes32 asset, uint128 reward) external;

    /// @notice From the first round that is not committed the ledger waits for chain `chainId` no more and pays nothing there;
    /// no commit is taken that does not go by this. Owner only.
    function suspend(uint64 chainId) external;

    /// @notice The ledger waits for chain `chainId` again. Owner only.
    function resume(uint64 chainId) external;

    /// @notice From round `round` on `epoch` keys envelopes and the ledger's secrets. Owner only.
    /// @param epoch Higher than all before.
    /// @param round 0 for as soon as can be.
    function startEpoch(uint64 epoch, uint64 round) external;

    /// @notice Names the measurement of the enclaves that are to come. Owner only.
    function nameSuccessor(bytes32 measurement) external;

    /// @notice Head of the outbox. Storage slot 4.
    function controlHead() external view returns (bytes32);

    /// @notice Messages in the outbox. Storage slot 5.
    function controlCount() external view returns (uint64);
}
