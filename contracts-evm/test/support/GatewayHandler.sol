// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RefusingReceiver} from "../../src/devnet/RefusingReceiver.sol";
import {Gateway} from "../../src/Gateway.sol";
import {IGateway} from "../../src/interfaces/IGateway.sol";
import {Fee, Release, ReleaseBatch} from "../../src/libraries/ReleaseHash.sol";
import {Quorum} from "./Quorum.sol";

/// @title What the books need of a token
interface IBalance {
    function balanceOf(address account) external view returns (uint256);
}

/// @title Does what users, relayers, the owner and thieves may do, and keeps books of its own
/// @dev A quorum may be careless here: it signs amounts that never came in.
contract GatewayHandler is Quorum {
    uint256 private constant REMOTE = 420420499;

    Gateway public immutable gateway;
    RefusingReceiver public immutable refusing = new RefusingReceiver();
    /// @dev Native, locked here, minted here; the tokens are indexed alike.
    bytes32[3] public assets;
    address[3] private _tokens;

    /// @dev Heads as an observer of events computes them.
    bytes32 public sentHead;
    uint64 public sentCount;
    bytes32 public releasedHead;
    uint64 public releasedCount;

    mapping(uint256 asset => uint256) public depositedOf;
    mapping(uint256 asset => uint256) public paidOf;
    /// @dev How often a release was paid.
    mapping(uint64 index => uint256) public timesPaid;
    /// @dev 1 more than the position of the release's asset in `assets`.
    mapping(uint64 index => uint256) private _assetOf;
    mapping(uint64 index => uint256) private _amountOf;

    ReleaseBatch private _last;

    constructor(
        Gateway gateway_,
        bytes32[3] memory assets_,
        address[3] memory tokens_,
        uint256[3] memory keys_
    ) {
        gateway = gateway_;
        assets = assets_;
        _tokens = tokens_;
        keys = keys_;
    }

    receive() external payable {}

    function deposit(uint256 which, uint256 amount, uint256 envelopeBytes) external {
        which %= 3;
        amount = _within(amount, 1000, 1e24);
        if (gateway.isPaused(assets[which])) return;
        if (which == 0) vm.deal(address(this), address(this).balance + amount);
        else if (amount > _held(which, address(this))) return;
        bytes memory envelope = new bytes(_within(envelopeBytes, 1, 512));
        uint256 fee = gateway.quoteFee(assets[which], amount);
        uint64 index =
            gateway.deposit{value: which == 0 ? amount : 0}(assets[which], amount, fee, REMOTE, envelope);
        _same(index, sentCount, "an index was skipped or reused");
        depositedOf[which] += amount;
        _append(assets[which], amount, fee, keccak256(envelope));
    }

    function release(uint256 seed, uint8 count, bool withFee) external {
        Release[] memory releases = new Release[](count % 5);
        for (uint256 i = 0; i < releases.length; ++i) {
            releases[i] = _releaseOf(uint256(keccak256(abi.encode(seed, i))));
        }
        Fee[] memory fees = new Fee[](withFee ? 1 : 0);
        if (withFee) fees[0] = Fee({asset: assets[seed % 3], amount: _within(seed, 0, 1e22)});
        _submit(releases, fees);
    }

    /// @dev A thief sends the last batch again, with good signatures.
    function replay() external {
        if (_last.gateway == address(0)) return;
        bytes[] memory signatures = _signatures(_batchDigest(_last));
        try gateway.release(_last, signatures) {
            revert("a batch was paid twice");
        } catch {}
    }

    function claim(uint256 seed) external {
        if (releasedCount == 0) return;
        uint64 index = uint64(seed % releasedCount);
        try gateway.claim(index) {
            _bookPaid(index);
        } catch {}
    }

    function claimTo(uint256 seed) external {
        if (releasedCount == 0) return;
        uint64 index = uint64(seed % releasedCount);
        try refusing.claimTo(gateway, index, address(this)) {
            _bookPaid(index);
        } catch {}
    }

    function setAccepting(bool accepting) external {
        refusing.setAccepting(accepting);
    }

    function wait(uint256 timeSec) external {
        vm.warp(block.timestamp + _within(timeSec, 1, 1 hours));
    }

    function setPaused(uint256 which, bool paused) external {
        if (paused) gateway.pause(assets[which % 3]);
        else gateway.unpause(assets[which % 3]);
    }

    function _releaseOf(uint256 seed) private view returns (Release memory) {
        uint256 which = seed % 3;
        return Release({
            tag: bytes32(seed),
            asset: seed % 11 == 0 ? bytes32(seed) : assets[which],
            recipient: seed % 4 == 0 ? address(refusing) : address(this),
            amount: _within(seed >> 8, 0, 2e24)
        });
    }

    function _submit(Release[] memory releases, Fee[] memory fees) private {
        ReleaseBatch storage last = _last;
        last.chainId = block.chainid;
        last.gateway = address(gateway);
        last.epoch = EPOCH;
        last.firstIndex = releasedCount;
        last.prevHead = releasedHead;
        delete last.releases;
        delete last.fees;
        for (uint256 i = 0; i < releases.length; ++i) {
            last.releases.push(releases[i]);
        }
        for (uint256 i = 0; i < fees.length; ++i) {
            last.fees.push(fees[i]);
        }
        bytes[] memory signatures = _signatures(_batchDigest(_last));
        uint256[3] memory before = [_outstanding(0), _outstanding(1), _outstanding(2)];
        gateway.release(_last, signatures);
        _bookBatch(before);
    }

    /// @dev What a batch paid shows in what is outstanding; which of its releases, in the claims left behind.
    function _bookBatch(uint256[3] memory before) private {
        for (uint256 i = 0; i < 3; ++i) {
            paidOf[i] += i < 2 ? before[i] - _outstanding(i) : _outstanding(i) - before[i];
        }
        for (uint256 i = 0; i < _last.releases.length; ++i) {
            uint64 index = uint64(_last.firstIndex + i);
            for (uint256 j = 0; j < 3; ++j) {
                if (_last.releases[i].asset == assets[j]) _assetOf[index] = j + 1;
            }
            _amountOf[index] = _last.releases[i].amount;
            if (gateway.claimOf(index).asset == 0) ++timesPaid[index];
        }
        (bytes32 releases, bytes32 fees) = _listHashes(_last);
        releasedHead = keccak256(abi.encode(_last.prevHead, releases, fees));
        releasedCount += uint64(_last.releases.length);
    }

    function _bookPaid(uint64 index) private {
        ++timesPaid[index];
        if (_assetOf[index] != 0) paidOf[_assetOf[index] - 1] += _amountOf[index];
    }

    function _append(bytes32 asset, uint256 amount, uint256 fee, bytes32 envelopeHash) private {
        bytes32 leaf = keccak256(
            bytes.concat(
                abi.encode(1, block.chainid, address(gateway), sentCount, address(this)),
                abi.encode(asset, amount, fee, REMOTE, envelopeHash)
            )
        );
        sentHead = keccak256(abi.encode(sentHead, leaf));
        ++sentCount;
    }

    function _outstanding(uint256 which) private view returns (uint256) {
        return gateway.assetOf(assets[which]).outstanding;
    }

    function _held(uint256 which, address account) private view returns (uint256) {
        return IBalance(_tokens[which]).balanceOf(account);
    }
}
