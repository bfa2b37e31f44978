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
/// @dev A quorum may be careless here: it signs amounts that never came in, and refunds of what was refunded or never sent.
contract GatewayHandler is Quorum {
    /// @dev What had left of each asset, less what had come in, after an action.
    struct Flow {
        uint256 atSec;
        int256[3] net;
    }

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
    uint64 public consumedCount;

    mapping(uint256 asset => uint256) public depositedOf;
    mapping(uint256 asset => uint256) public paidOf;
    /// @dev What release `index` is to pay; nothing if it gives back what was given back before.
    mapping(uint64 index => uint256) public amountOf;
    /// @dev What it has paid, in the batch and by claims.
    mapping(uint64 index => uint256) public paidOfRelease;
    /// @dev How many releases that give back message `index` were not skipped.
    mapping(uint64 index => uint256) public refundsOf;
    /// @dev 1 more than the position of the release's asset in `assets`.
    mapping(uint64 index => uint256) private _assetOf;

    Flow[] private _flows;
    ReleaseBatch private _last;

    /// @dev After every action the flows so far are written down.
    modifier flows() {
        _;
        Flow storage flow = _flows.push();
        flow.atSec = block.timestamp;
        for (uint256 i = 0; i < 3; ++i) {
            flow.net[i] = int256(paidOf[i]) - int256(depositedOf[i]);
        }
    }

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

    function flowCount() external view returns (uint256) {
        return _flows.length;
    }

    function flowAt(uint256 i) external view returns (Flow memory) {
        return _flows[i];
    }

    function deposit(uint256 which, uint256 amount, uint256 envelopeBytes) external flows {
        which %= 3;
        amount = _within(amount, 1000, 1e24);
        if (gateway.isPaused(assets[which])) return;
        if (which == 0) vm.deal(address(this), address(this).balance + amount);
        else if (amount > _held(which, address(this))) return;
        bytes memory envelope = new bytes(_within(envelopeBytes, 1, 832));
        uint256 fee = gateway.quoteFee(assets[which]);
        uint64 index = gateway.deposit{value: which == 0 ? amount : 0}(
            assets[which], amount, fee, REMOTE, address(refusing), envelope
        );
        _same(index, sentCount, "an index was skipped or reused");
        depositedOf[which] += amount;
        _append(address(refusing), [uint256(assets[which]), amount, fee, REMOTE], keccak256(envelope));
    }

    function post(uint256 count, uint256 seed) external flows {
        count = _within(count, 1, 3);
        if (gateway.isPaused(assets[0])) return;
        uint256 fee = gateway.postFee();
        vm.deal(address(this), address(this).balance + count * fee);
        bytes[] memory envelopes = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            envelopes[i] = bytes.concat(keccak256(abi.encode(seed, i)), new bytes(800));
        }
        _same(gateway.post{value: count * fee}(envelopes), sentCount, "an index was skipped or reused");
        depositedOf[0] += count * fee;
        for (uint256 i = 0; i < count; ++i) {
            _append(address(this), [uint256(assets[0]), fee, fee, 0], keccak256(envelopes[i]));
        }
    }

    function release(uint256 seed, uint8 count, bool withFee) external flows {
        Release[] memory releases = new Release[](count % 5);
        for (uint256 i = 0; i < releases.length; ++i) {
            releases[i] = _releaseOf(uint256(keccak256(abi.encode(seed, i))));
        }
        Fee[] memory fees = new Fee[](withFee ? 1 : 0);
        if (withFee) fees[0] = Fee({asset: assets[seed % 3], amount: _within(seed, 0, 1e22)});
        _submit(releases, fees, uint64(_within(seed >> 16, 0, sentCount)));
    }

    /// @dev A thief sends the last batch again, with good signatures.
    function replay() external {
        if (_last.gateway == address(0)) return;
        bytes[] memory signatures = _signatures(_batchDigest(_last));
        try gateway.release(_last, signatures) {
            revert("a batch was paid twice");
        } catch {}
    }

    function claim(uint256 seed) external flows {
        if (releasedCount == 0) return;
        uint64 index = uint64(seed % releasedCount);
        uint256 before = gateway.claimOf(index).amount;
        try gateway.claim(index) {
            _bookClaim(index, before);
        } catch {}
    }

    function claimTo(uint256 seed) external flows {
        if (releasedCount == 0) return;
        uint64 index = uint64(seed % releasedCount);
        uint256 before = gateway.claimOf(index).amount;
        try refusing.claimTo(gateway, index, address(this)) {
            _bookClaim(index, before);
        } catch {}
    }

    function claimFees(uint256 which) external flows {
        which %= 3;
        uint256 before = gateway.feesOf(address(this), assets[which]);
        try gateway.claimFees(assets[which], address(this)) {
            paidOf[which] += before - gateway.feesOf(address(this), assets[which]);
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
            amount: _within(seed >> 8, 0, 2e24),
            refundOf: seed % 5 < 2 ? uint64(_within(seed >> 24, 1, sentCount + 1)) : 0
        });
    }

    function _submit(Release[] memory releases, Fee[] memory fees, uint64 consumed) private {
        ReleaseBatch storage last = _last;
        last.chainId = block.chainid;
        last.gateway = address(gateway);
        last.epoch = EPOCH;
        last.firstIndex = releasedCount;
        last.prevHead = releasedHead;
        last.consumedCount = consumed;
        last.submitter = address(this);
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
        uint256 owed = fees.length == 0 ? 0 : gateway.feesOf(address(this), fees[0].asset);
        gateway.release(_last, signatures);
        uint256[3] memory paid = _bookReleases();
        if (fees.length != 0) {
            uint256 which = fees[0].asset == assets[0] ? 0 : fees[0].asset == assets[1] ? 1 : 2;
            paid[which] += fees[0].amount + owed - gateway.feesOf(address(this), fees[0].asset);
        }
        _bookPaid(before, paid);
    }

    /// @dev What the releases of the last batch have paid, by the claims that they left behind.
    function _bookReleases() private returns (uint256[3] memory paid) {
        for (uint256 i = 0; i < _last.releases.length; ++i) {
            Release storage item = _last.releases[i];
            uint64 index = uint64(_last.firstIndex + i);
            if (_isSkipped(item.refundOf)) continue;
            amountOf[index] = item.amount;
            paidOfRelease[index] = item.amount - gateway.claimOf(index).amount;
            for (uint256 j = 0; j < 3; ++j) {
                if (item.asset != assets[j]) continue;
                _assetOf[index] = j + 1;
                paid[j] += paidOfRelease[index];
            }
        }
    }

    function _isSkipped(uint64 refundOf) private returns (bool) {
        if (refundOf == 0) return false;
        if (refundOf > sentCount || refundsOf[refundOf - 1] != 0) return true;
        ++refundsOf[refundOf - 1];
        return false;
    }

    /// @dev What is outstanding must have changed by what was paid.
    function _bookPaid(uint256[3] memory before, uint256[3] memory paid) private {
        for (uint256 i = 0; i < 3; ++i) {
            _same(i < 2 ? before[i] - _outstanding(i) : _outstanding(i) - before[i], paid[i], "paid");
            paidOf[i] += paid[i];
        }
        (bytes32 releases, bytes32 fees) = _listHashes(_last);
        releasedHead = keccak256(abi.encode(_last.prevHead, releases, fees));
        releasedCount += uint64(_last.releases.length);
        if (_last.consumedCount > consumedCount) consumedCount = _last.consumedCount;
    }

    function _bookClaim(uint64 index, uint256 before) private {
        uint256 paid = before - gateway.claimOf(index).amount;
        paidOfRelease[index] += paid;
        if (_assetOf[index] != 0) paidOf[_assetOf[index] - 1] += paid;
    }

    /// @param terms Asset, amount, fee and destination.
    function _append(address refundTo, uint256[4] memory terms, bytes32 envelopeHash) private {
        bytes32 leaf = keccak256(
            bytes.concat(
                abi.encode(2, block.chainid, address(gateway), sentCount, block.timestamp, address(this)),
                abi.encode(refundTo, terms, envelopeHash)
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
