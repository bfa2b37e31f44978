// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RefusingReceiver} from "../src/devnet/RefusingReceiver.sol";
import {IEnclaveRegistry} from "../src/interfaces/IEnclaveRegistry.sol";
import {IAssetBook} from "../src/interfaces/IAssetBook.sol";
import {IGateway} from "../src/interfaces/IGateway.sol";
import {Fee, Release, ReleaseBatch} from "../src/libraries/ReleaseHash.sol";
import {GatewayTest} from "./support/GatewayTest.sol";
import {GasBurner, Reentrant, ReturnBomb, ThriftyReceiver} from "./support/HostileReceivers.sol";
import {
    BlockingToken,
    BoastingBridgedToken,
    BurningBalanceToken,
    InexactToken,
    LyingBridgedToken,
    NotifyingToken,
    SilentToken,
    ThirstyToken,
    VanishingToken
} from "./support/HostileTokens.sol";
import {Vm} from "./support/Vm.sol";

contract GatewayReleaseTest is GatewayTest {
    function test_release_paysWhenNative() public {
        _deposit(nativeAsset, 10 ether);
        ReleaseBatch memory batch = _batch(_one(nativeAsset, BOB, 4 ether), _noFees());
        bytes32 head = _headAfter(batch);
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Released(0, keccak256("tag"), nativeAsset, BOB, 4 ether);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.BatchReleased(0, 1, head, RELAYER);
        vm.prank(RELAYER);
        gateway.release(batch, signatures);
        _same(BOB.balance, 4 ether, "balance");
        _same(_outstanding(nativeAsset), 6 ether, "outstanding");
        _same(gateway.releasedHead(), head, "released head");
        _same(gateway.releasedCount(), 1, "released count");
    }

    function test_release_unlocksWhenTokenIsOfThisChain() public {
        _deposit(lockedAsset, 10 ether);
        _release(lockedAsset, BOB, 4 ether);
        _same(locked.balanceOf(BOB), 4 ether, "balance");
        _same(_outstanding(lockedAsset), 6 ether, "outstanding");
    }

    function test_release_mintsWhenTokenIsOfAnotherChain() public {
        _release(mintedAsset, BOB, 4 ether);
        _same(minted.balanceOf(BOB), 4 ether, "balance");
        _same(_outstanding(mintedAsset), 4 ether, "outstanding");
    }

    function test_release_paysWhenTokenReturnsNothing() public {
        SilentToken token = new SilentToken();
        bytes32 asset = _asset(block.chainid, address(token));
        gateway.registerAsset(asset, _config(address(token)));
        token.mint(ALICE, 3 ether);
        _deposit(asset, 3 ether);
        _release(asset, BOB, 2 ether);
        _same(token.balanceOf(BOB), 2 ether, "balance");
        _same(_outstanding(asset), 1 ether, "outstanding");
    }

    function test_release_paysFeesToSubmitterWhenBatchHasFees() public {
        _deposit(nativeAsset, 10 ether);
        _submit(_batch(_one(nativeAsset, BOB, 4 ether), _oneFee(nativeAsset, 1 ether)));
        _same(RELAYER.balance, 1 ether, "fee");
        _same(_outstanding(nativeAsset), 5 ether, "outstanding");
    }

    function test_release_advancesHeadWhenEmpty() public {
        ReleaseBatch memory batch = _batch(new Release[](0), _noFees());
        _submit(batch);
        _same(gateway.releasedHead(), _headAfter(batch), "released head");
        _same(gateway.releasedCount(), 0, "released count");
    }

    // What must be refused.

    function test_release_revertsWhenChainIsAnother() public {
        ReleaseBatch memory batch = _batch(_one(nativeAsset, BOB, 1), _noFees());
        batch.chainId = REMOTE;
        _submitExpecting(
            batch, abi.encodeWithSelector(IGateway.GatewayWrongChain.selector, REMOTE, block.chainid)
        );
    }

    function test_release_revertsWhenGatewayIsAnother() public {
        ReleaseBatch memory batch = _batch(_one(nativeAsset, BOB, 1), _noFees());
        batch.gateway = BOB;
        _submitExpecting(batch, abi.encodeWithSelector(IGateway.GatewayWrongGateway.selector, BOB));
    }

    function test_release_revertsWhenIndexIsSkipped() public {
        ReleaseBatch memory batch = _batch(_one(nativeAsset, BOB, 1), _noFees());
        batch.firstIndex = 1;
        _submitExpecting(batch, abi.encodeWithSelector(IGateway.GatewayWrongIndex.selector, 1, 0));
    }

    function test_release_revertsWhenRepeated() public {
        _deposit(nativeAsset, 10 ether);
        ReleaseBatch memory batch = _batch(_one(nativeAsset, BOB, 1 ether), _noFees());
        _submit(batch);
        _submitExpecting(batch, abi.encodeWithSelector(IGateway.GatewayWrongIndex.selector, 0, 1));
        _same(BOB.balance, 1 ether, "balance");
    }

    function test_release_revertsWhenHeadIsAnother() public {
        ReleaseBatch memory batch = _batch(_one(nativeAsset, BOB, 1), _noFees());
        batch.prevHead = keccak256("fork");
        _submitExpecting(
            batch, abi.encodeWithSelector(IGateway.GatewayWrongHead.selector, keccak256("fork"), bytes32(0))
        );
    }

    function test_release_revertsWhenEmptyBatchIsRepeated() public {
        ReleaseBatch memory batch = _batch(new Release[](0), _noFees());
        _submit(batch);
        _submitExpecting(
            batch,
            abi.encodeWithSelector(IGateway.GatewayWrongHead.selector, bytes32(0), gateway.releasedHead())
        );
    }

    function test_release_revertsWhenEpochIsAnother() public {
        ReleaseBatch memory batch = _batch(_one(nativeAsset, BOB, 1), _noFees());
        batch.epoch = 2;
        _submitExpecting(batch, abi.encodeWithSelector(IEnclaveRegistry.RegistryWrongEpoch.selector, 2, 1));
    }

    function test_release_revertsWhenSignerIsExpired() public {
        vm.warp(EXPIRES_AT);
        _submitExpecting(
            _batch(_one(nativeAsset, BOB, 1), _noFees()),
            abi.encodeWithSelector(
                IEnclaveRegistry.RegistrySignerExpired.selector, vm.addr(keys[0]), EXPIRES_AT
            )
        );
    }

    function test_release_revertsWhenSignerIsDuplicate() public {
        ReleaseBatch memory batch = _batch(_one(nativeAsset, BOB, 1), _noFees());
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        signatures[1] = signatures[0];
        address signer = vm.addr(keys[0]);
        vm.expectRevert(
            abi.encodeWithSelector(IEnclaveRegistry.RegistrySignersNotAscending.selector, signer, signer)
        );
        vm.prank(RELAYER);
        gateway.release(batch, signatures);
    }

    function test_release_revertsWhenTooManyReleasesOrFees() public {
        _submitExpecting(
            _batch(new Release[](17), _noFees()),
            abi.encodeWithSelector(IGateway.GatewayBatchTooLarge.selector, 17, 0)
        );
        _submitExpecting(
            _batch(new Release[](0), new Fee[](17)),
            abi.encodeWithSelector(IGateway.GatewayBatchTooLarge.selector, 0, 17)
        );
    }

    function test_release_revertsWhenPaused() public {
        bytes32 scope = gateway.RELEASES_SCOPE();
        gateway.pause(scope);
        _submitExpecting(
            _batch(_one(nativeAsset, BOB, 1), _noFees()),
            abi.encodeWithSelector(IAssetBook.GatewayPaused.selector, scope)
        );
    }

    function testFuzz_release_revertsWhenAnyMemberIsAltered(uint8 member, uint256 other) public {
        _deposit(nativeAsset, 10 ether);
        ReleaseBatch memory batch = _batch(_one(nativeAsset, BOB, 1 ether), _oneFee(nativeAsset, 1));
        bytes32 digest = _batchDigest(batch);
        bytes[] memory signatures = _signatures(digest);
        _alter(batch, member, other);
        vm.assume(_batchDigest(batch) != digest);
        vm.expectRevert();
        // As the submitter that the altered batch names, so that the signatures alone stand against it.
        vm.prank(batch.submitter);
        gateway.release(batch, signatures);
    }

    // What is put aside and holds nothing up.

    function test_release_defersWhenRecipientReverts() public {
        _deposit(nativeAsset, 10 ether);
        address refusing = address(new RefusingReceiver());
        Release[] memory releases = new Release[](2);
        releases[0] = _one(nativeAsset, refusing, 1 ether)[0];
        releases[1] = _one(nativeAsset, BOB, 2 ether)[0];
        _expectDeferred(0, nativeAsset, refusing, 1 ether, IAssetBook.DeferReason.PayoutFailed);
        _submit(_batch(releases, _noFees()));
        _same(BOB.balance, 2 ether, "balance");
        _same(_outstanding(nativeAsset), 8 ether, "outstanding");
        IGateway.Claim memory claim = gateway.claimOf(0);
        _same(claim.recipient, refusing, "claim recipient");
        _same(claim.amount, 1 ether, "claim amount");
        _same(claim.tag, keccak256("tag"), "claim tag");
        _same(claim.asset, nativeAsset, "claim asset");
    }

    function testFuzz_release_defersWhenRecipientReturnsTooMuch(uint256 gasLimit) public {
        _deposit(nativeAsset, 2 ether);
        address bomb = address(new ReturnBomb());
        ReleaseBatch memory batch = _batch(_one(nativeAsset, bomb, 1 ether), _noFees());
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.prank(RELAYER);
        gateway.release{gas: _within(gasLimit, 500_000, 16_700_000)}(batch, signatures);
        _same(gateway.claimOf(0).recipient, bomb, "claim recipient");
    }

    /// @dev The worst batch there is: every release but the last and every fee goes to code that burns its gas.
    function test_release_defersWhenRecipientsBurnAllGas() public {
        _deposit(nativeAsset, 40 ether);
        Release[] memory releases = new Release[](16);
        Fee[] memory fees = new Fee[](16);
        for (uint256 i = 0; i < 16; ++i) {
            address hostile = i % 2 == 0 ? address(new GasBurner()) : address(new ReturnBomb());
            releases[i] = _one(nativeAsset, i == 15 ? BOB : hostile, 1 ether)[0];
            fees[i] = Fee({asset: nativeAsset, amount: 1 ether});
        }
        ReleaseBatch memory batch = _batch(releases, fees);
        address submitter = address(new GasBurner());
        batch.submitter = submitter;
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.prank(submitter);
        // EIP-7825: no transaction has more than 2^24.
        gateway.release{gas: 16_500_000}(batch, signatures);
        _same(BOB.balance, 1 ether, "balance");
        _same(_outstanding(nativeAsset), 39 ether, "outstanding");
        _same(gateway.feesOf(submitter, nativeAsset), 16 ether, "fees put aside");
    }

    /// @dev KEEP IN SYNC: src/chains/shared/call-budget.ts, less some 100,000 that a transaction takes before its call.
    uint256 private constant USUAL_GAS = 1_800_000;
    uint256 private constant UTMOST_GAS = 7_000_000;

    function test_release_paysSixteenWithTheUsualGasWhenRecipientsUseLittle() public {
        bytes32[3] memory assets = [nativeAsset, lockedAsset, mintedAsset];
        for (uint256 k = 0; k < assets.length; ++k) {
            if (assets[k] != mintedAsset) _deposit(assets[k], 17 ether);
            Release[] memory releases = new Release[](16);
            for (uint256 i = 0; i < 16; ++i) {
                releases[i] = _one(assets[k], address(new ThriftyReceiver()), 1 ether)[0];
            }
            ReleaseBatch memory batch = _batch(releases, _oneFee(assets[k], 1 ether));
            bytes[] memory signatures = _signatures(_batchDigest(batch));
            vm.prank(RELAYER);
            gateway.release{gas: USUAL_GAS}(batch, signatures);
            _same(gateway.claimOf(batch.firstIndex + 15).amount, 0, "put aside");
        }
    }

    function test_release_revertsWithTheUsualGasAndNotWithTheUtmostWhenRecipientsBurnIt() public {
        _deposit(nativeAsset, 17 ether);
        Release[] memory releases = new Release[](16);
        for (uint256 i = 0; i < 16; ++i) {
            releases[i] = _one(nativeAsset, i == 15 ? BOB : address(new GasBurner()), 1 ether)[0];
        }
        ReleaseBatch memory batch = _batch(releases, _oneFee(nativeAsset, 1 ether));
        bytes memory call = abi.encodeCall(IGateway.release, (batch, _signatures(_batchDigest(batch))));
        vm.prank(RELAYER);
        (bool ok,) = address(gateway).call{gas: USUAL_GAS}(call);
        _same(ok, false, "accepted with the usual");
        vm.prank(RELAYER);
        (ok,) = address(gateway).call{gas: UTMOST_GAS}(call);
        _same(ok, true, "accepted with the utmost");
        _same(BOB.balance, 1 ether, "balance");
    }

    function test_release_defersWhenPrecompileBurnsAllGas() public {
        _deposit(nativeAsset, 2 ether);
        // The precompile BLAKE2F uses up all gas on input of a wrong length.
        Release[] memory releases = new Release[](2);
        releases[0] = _one(nativeAsset, address(9), 1 ether)[0];
        releases[1] = _one(nativeAsset, BOB, 1 ether)[0];
        ReleaseBatch memory batch = _batch(releases, _noFees());
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.prank(RELAYER);
        gateway.release{gas: 1_000_000}(batch, signatures);
        _same(BOB.balance, 1 ether, "balance");
        _same(gateway.claimOf(0).recipient, address(9), "claim recipient");
    }

    function test_release_revertsWhenGasIsTooShortForRecipient() public {
        _deposit(nativeAsset, 2 ether);
        address receiver = address(new ThriftyReceiver());
        ReleaseBatch memory batch = _batch(_one(nativeAsset, receiver, 1 ether), _noFees());
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        bytes memory call = abi.encodeCall(IGateway.release, (batch, signatures));
        vm.prank(RELAYER);
        (bool ok, bytes memory failure) = address(gateway).call{gas: 350_000}(call);
        _same(ok, false, "accepted");
        _same(bytes32(bytes4(failure)), bytes32(IGateway.GatewayGasTooLow.selector), "failure");
        vm.prank(RELAYER);
        (ok,) = address(gateway).call{gas: 420_000}(call);
        _same(ok, true, "accepted with more");
        _same(receiver.balance, 1 ether, "balance");
    }

    function testFuzz_release_neverStarvesRecipientWhenGasIsShort(uint256 gasLimit) public {
        _deposit(nativeAsset, 2 ether);
        address receiver = address(new ThriftyReceiver());
        ReleaseBatch memory batch = _batch(_one(nativeAsset, receiver, 1 ether), _noFees());
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.prank(RELAYER);
        (bool ok,) = address(gateway).call{gas: _within(gasLimit, 50_000, 1_000_000)}(
            abi.encodeCall(IGateway.release, (batch, signatures))
        );
        _same(receiver.balance, ok ? 1 ether : 0, "paid if and only if the batch went through");
    }

    function test_release_defersWhenTokenRefuses() public {
        BlockingToken token = new BlockingToken();
        bytes32 asset = _asset(block.chainid, address(token));
        gateway.registerAsset(asset, _config(address(token)));
        token.mint(ALICE, 10 ether);
        vm.prank(ALICE);
        token.approve(address(gateway), 10 ether);
        _deposit(asset, 10 ether);
        token.setReturnsFalse(true);
        _expectDeferred(0, asset, BOB, 1 ether, IAssetBook.DeferReason.PayoutFailed);
        _release(asset, BOB, 1 ether);
        token.setReverts(true);
        _expectDeferred(1, asset, BOB, 1 ether, IAssetBook.DeferReason.PayoutFailed);
        _release(asset, BOB, 1 ether);
        _same(_outstanding(asset), 10 ether, "outstanding");
    }

    function test_release_defersWhenRecipientIsZeroOrGateway() public {
        _deposit(nativeAsset, 10 ether);
        IAssetBook.DeferReason reason = IAssetBook.DeferReason.RecipientImpossible;
        _expectDeferred(0, nativeAsset, address(0), 1 ether, reason);
        _release(nativeAsset, address(0), 1 ether);
        _expectDeferred(1, mintedAsset, address(gateway), 1 ether, reason);
        _release(mintedAsset, address(gateway), 1 ether);
    }

    function test_release_defersWhenAssetIsUnknown() public {
        bytes32 asset = _asset(1, BOB);
        _expectDeferred(0, asset, BOB, 1 ether, IAssetBook.DeferReason.UnknownAsset);
        _release(asset, BOB, 1 ether);
    }

    function test_release_defersWhenAssetIsPaused() public {
        _deposit(nativeAsset, 10 ether);
        gateway.pause(nativeAsset);
        _expectDeferred(0, nativeAsset, BOB, 1 ether, IAssetBook.DeferReason.AssetPaused);
        _release(nativeAsset, BOB, 1 ether);
    }

    function test_release_defersWhenMoreThanCameIn() public {
        _deposit(nativeAsset, 3 ether);
        _expectDeferred(0, nativeAsset, BOB, 3 ether + 1, IAssetBook.DeferReason.SupplyExceeded);
        _release(nativeAsset, BOB, 3 ether + 1);
        _same(_outstanding(nativeAsset), 3 ether, "outstanding");
    }

    function test_release_defersWhenCoinWasForcedIn() public {
        _deposit(nativeAsset, 3 ether);
        // Coin that came without a deposit, as a block reward does, pays nobody.
        vm.deal(address(gateway), 100 ether);
        _expectDeferred(0, nativeAsset, BOB, 4 ether, IAssetBook.DeferReason.SupplyExceeded);
        _release(nativeAsset, BOB, 4 ether);
    }

    function test_release_defersWhenMintedCapIsExceeded() public {
        gateway.setCap(mintedAsset, 5 ether);
        _release(mintedAsset, BOB, 5 ether);
        _expectDeferred(1, mintedAsset, BOB, 1, IAssetBook.DeferReason.CapExceeded);
        _release(mintedAsset, BOB, 1);
        gateway.setCap(mintedAsset, 2 ether);
        _expectDeferred(2, mintedAsset, BOB, 1, IAssetBook.DeferReason.CapExceeded);
        _release(mintedAsset, BOB, 1);
        _same(minted.totalSupply(), 5 ether, "supply");
    }

    function test_release_defersFeeWhenSubmitterRefuses() public {
        _deposit(nativeAsset, 10 ether);
        RefusingReceiver submitter = new RefusingReceiver();
        ReleaseBatch memory batch = _batch(_one(nativeAsset, BOB, 1 ether), _oneFee(nativeAsset, 2 ether));
        batch.submitter = address(submitter);
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.FeeDeferred(
            nativeAsset, address(submitter), 2 ether, IAssetBook.DeferReason.PayoutFailed
        );
        vm.prank(address(submitter));
        gateway.release(batch, signatures);
        _same(BOB.balance, 1 ether, "balance");
        _same(gateway.feesOf(address(submitter), nativeAsset), 2 ether, "fee put aside");
    }

    function test_release_paysOnceWhenRecipientReenters() public {
        _deposit(nativeAsset, 10 ether);
        Reentrant reentrant = new Reentrant(gateway);
        reentrant.setCall(abi.encodeCall(IGateway.claim, (0)));
        _release(nativeAsset, address(reentrant), 1 ether);
        _same(address(reentrant).balance, 1 ether, "balance");
        _same(
            bytes32(reentrant.failure()),
            bytes32(bytes4(keccak256("ReentrancyGuardReentrantCall()"))),
            "failure"
        );
    }

    // What moved decides.

    function test_release_isNotPaidTwiceWhenTokenMovesAndReturnsFalse() public {
        (InexactToken token, bytes32 asset) = _inexact(100);
        token.setDeniesIt(true);
        _release(asset, BOB, 1 ether);
        _same(token.balanceOf(BOB), 1 ether, "balance");
        _same(gateway.claimOf(0).amount, 0, "claim");
        _same(_outstanding(asset), 9 ether, "outstanding");
    }

    function test_release_putsRestAsideWhenTokenMovesAPart() public {
        (InexactToken token, bytes32 asset) = _inexact(60);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Released(0, keccak256("tag"), asset, BOB, 0.6 ether);
        _expectDeferred(0, asset, BOB, 0.4 ether, IAssetBook.DeferReason.PayoutFailed);
        _release(asset, BOB, 1 ether);
        _same(gateway.claimOf(0).amount, 0.4 ether, "claim");
        _same(_outstanding(asset), 9.4 ether, "outstanding");
        _same(token.balanceOf(address(gateway)), 9.4 ether, "held");
        token.setPercent(100);
        gateway.claim(0);
        _same(token.balanceOf(BOB), 1 ether, "balance");
    }

    function test_release_booksAllWhenTokenMovesMore() public {
        (InexactToken token, bytes32 asset) = _inexact(150);
        uint256 available = gateway.assetOf(asset).windowAvailable;
        _release(asset, BOB, 2 ether);
        _same(token.balanceOf(BOB), 3 ether, "balance");
        _same(gateway.claimOf(0).amount, 0, "claim");
        _same(_outstanding(asset), 7 ether, "outstanding");
        _same(gateway.assetOf(asset).windowAvailable, available - 3 ether, "available");
    }

    function test_release_defersWhenTokenMovesNothingAndReturnsTrue() public {
        (InexactToken token, bytes32 asset) = _inexact(0);
        _expectDeferred(0, asset, BOB, 1 ether, IAssetBook.DeferReason.PayoutFailed);
        _release(asset, BOB, 1 ether);
        _same(token.balanceOf(BOB), 0, "balance");
        _same(_outstanding(asset), 10 ether, "outstanding");
    }

    function test_release_paysFeeInPartWhenTokenMovesAPart() public {
        (InexactToken token, bytes32 asset) = _inexact(50);
        _submit(_batch(new Release[](0), _oneFee(asset, 2 ether)));
        _same(token.balanceOf(RELAYER), 1 ether, "balance");
        _same(gateway.feesOf(RELAYER, asset), 1 ether, "put aside");
    }

    function test_release_booksWhatIsMintedWhenBridgedTokenLies() public {
        bytes32 asset = _asset(REMOTE, BOB);
        LyingBridgedToken token = new LyingBridgedToken(address(gateway), asset);
        gateway.registerAsset(asset, _config(address(token)));
        token.setPercent(0);
        _expectDeferred(0, asset, BOB, 1 ether, IAssetBook.DeferReason.PayoutFailed);
        _release(asset, BOB, 1 ether);
        token.setPercent(150);
        _release(asset, BOB, 2 ether);
        _same(gateway.claimOf(1).amount, 0, "claim");
        _same(_outstanding(asset), 3 ether, "outstanding");
        _same(token.totalSupply(), 3 ether, "supply");
    }

    /// @dev No number that a token may answer with overflows the books, for that would hold up the batch.
    function test_release_goesOnWhenTokenSaysThatEverythingHasMoved() public {
        VanishingToken token = new VanishingToken();
        bytes32 asset = _register(address(token));
        token.mint(ALICE, 2 ether);
        vm.prank(ALICE);
        token.approve(address(gateway), 2 ether);
        _deposit(asset, 2 ether);
        token.arm();
        _release(asset, BOB, 1 ether);
        _same(_outstanding(asset), 0, "outstanding");
        _same(gateway.assetOf(asset).windowAvailable, 0, "available");
        _same(gateway.releasedCount(), 1, "released count");
    }

    function test_release_goesOnWhenBridgedTokenSaysThatEverythingIsMinted() public {
        bytes32 asset = _asset(REMOTE, BOB);
        BoastingBridgedToken token = new BoastingBridgedToken(address(gateway), asset);
        gateway.registerAsset(asset, _config(address(token)));
        _release(asset, BOB, 1 ether);
        _same(_outstanding(asset), 5, "outstanding before");
        token.arm();
        _release(asset, BOB, 1 ether);
        _same(_outstanding(asset), type(uint256).max, "outstanding");
        _same(gateway.releasedCount(), 2, "released count");
    }

    function test_release_goesOnWhenFeesOwedWouldOverflow() public {
        for (uint256 i = 0; i < 2; ++i) {
            _submit(_batch(new Release[](0), _oneFee(nativeAsset, type(uint256).max)));
        }
        _same(gateway.feesOf(RELAYER, nativeAsset), type(uint256).max, "fees put aside");
    }

    /// @dev Fifteen honest payouts failed beside one recipient that burns the gas which the token hands on to it.
    function test_release_paysOthersWhenTokenHandsAllGasToABurner() public {
        NotifyingToken token = new NotifyingToken();
        bytes32 asset = _register(address(token));
        token.mint(ALICE, 20 ether);
        vm.prank(ALICE);
        token.approve(address(gateway), 20 ether);
        _deposit(asset, 20 ether);
        Release[] memory releases = new Release[](16);
        releases[0] = _one(asset, address(new GasBurner()), 1 ether)[0];
        for (uint256 i = 1; i < 16; ++i) {
            releases[i] = _one(asset, address(uint160(0xE0A0 + i)), 1 ether)[0];
        }
        ReleaseBatch memory batch = _batch(releases, _noFees());
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.prank(RELAYER);
        gateway.release{gas: 8_000_000}(batch, signatures);
        for (uint256 i = 1; i < 16; ++i) {
            _same(token.balanceOf(address(uint160(0xE0A0 + i))), 1 ether, "balance");
        }
        _same(gateway.claimOf(0).amount, 1 ether, "claim");
    }

    function test_release_paysOthersWhenTokenBurnsGasOnBalances() public {
        BurningBalanceToken token = new BurningBalanceToken();
        bytes32 asset = _register(address(token));
        token.mint(ALICE, 20 ether);
        vm.prank(ALICE);
        token.approve(address(gateway), 20 ether);
        _deposit(asset, 20 ether);
        _deposit(nativeAsset, 20 ether);
        token.setBurns(true);
        Release[] memory releases = new Release[](16);
        for (uint256 i = 0; i < 16; ++i) {
            releases[i] = _one(i == 15 ? nativeAsset : asset, BOB, 1 ether)[0];
        }
        ReleaseBatch memory batch = _batch(releases, _oneFee(asset, 1 ether));
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.prank(RELAYER);
        gateway.release{gas: 16_500_000}(batch, signatures);
        _same(BOB.balance, 1 ether, "balance");
        _same(_outstanding(asset), 20 ether, "outstanding");
        _same(gateway.feesOf(RELAYER, asset), 1 ether, "fee put aside");
    }

    /// @dev The worst batch of tokens there is: every release but the last, and a fee in each of sixteen tokens, burns gas.
    function test_release_paysLastWhenSixteenTokensBurnAllGas() public {
        Release[] memory releases = new Release[](16);
        Fee[] memory fees = new Fee[](16);
        for (uint256 i = 0; i < 16; ++i) {
            BurningBalanceToken token = new BurningBalanceToken();
            bytes32 asset = _register(address(token));
            token.mint(ALICE, 2 ether);
            vm.prank(ALICE);
            token.approve(address(gateway), 2 ether);
            _deposit(asset, 2 ether);
            token.setBurns(true);
            releases[i] = _one(asset, BOB, 1 ether)[0];
            fees[i] = Fee({asset: asset, amount: 1 ether});
        }
        _deposit(lockedAsset, 2 ether);
        releases[15] = _one(lockedAsset, BOB, 1 ether)[0];
        ReleaseBatch memory batch = _batch(releases, fees);
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.prank(RELAYER);
        // EIP-7825: no transaction has more than 2^24.
        gateway.release{gas: 16_500_000}(batch, signatures);
        _same(locked.balanceOf(BOB), 1 ether, "balance");
        for (uint256 i = 0; i < 16; ++i) {
            _same(gateway.feesOf(RELAYER, fees[i].asset), 1 ether, "fee put aside");
        }
    }

    function testFuzz_release_neverStarvesTokenWhenGasIsShort(uint256 gasLimit) public {
        _deposit(lockedAsset, 2 ether);
        ReleaseBatch memory batch = _batch(_one(lockedAsset, BOB, 1 ether), _noFees());
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.prank(RELAYER);
        (bool ok,) = address(gateway).call{gas: _within(gasLimit, 50_000, 1_000_000)}(
            abi.encodeCall(IGateway.release, (batch, signatures))
        );
        _same(locked.balanceOf(BOB), ok ? 1 ether : 0, "paid if and only if the batch went through");
    }

    /// @dev With the gas that the gateway promises a token, no more, and with any that a submitter may choose.
    function testFuzz_release_neverStarvesThirstyTokenWhenGasIsShort(uint256 gasLimit) public {
        ThirstyToken token = new ThirstyToken();
        bytes32 asset = _register(address(token));
        token.mint(ALICE, 2 ether);
        vm.prank(ALICE);
        token.approve(address(gateway), 2 ether);
        _deposit(asset, 2 ether);
        ReleaseBatch memory batch = _batch(_one(asset, BOB, 1 ether), _noFees());
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.prank(RELAYER);
        (bool ok,) = address(gateway).call{gas: _within(gasLimit, 250_000, 700_000)}(
            abi.encodeCall(IGateway.release, (batch, signatures))
        );
        _same(token.balanceOf(BOB), ok ? 1 ether : 0, "paid if and only if the batch went through");
    }

    function test_release_callsNobodyWhenAmountIsZero() public {
        Reentrant witness = new Reentrant(gateway);
        witness.setCall(abi.encodeCall(IGateway.claim, (0)));
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Released(0, keccak256("tag"), nativeAsset, address(witness), 0);
        _release(nativeAsset, address(witness), 0);
        _same(witness.failure().length, 0, "called");
        _same(gateway.claimOf(0).recipient, address(0), "claim");
    }

    // What was not paid is not said to be.

    function test_release_logsNoPaymentWhenAllIsPutAside() public {
        vm.recordLogs();
        _submit(_batch(_one(nativeAsset, BOB, 1 ether), _oneFee(nativeAsset, 1 ether)));
        _logged(
            [
                IGateway.ReleaseDeferred.selector,
                IGateway.FeeDeferred.selector,
                IGateway.BatchReleased.selector
            ]
        );
    }

    function test_release_logsNothingElseWhenAllIsPaid() public {
        _deposit(nativeAsset, 10 ether);
        vm.recordLogs();
        _submit(_batch(_one(nativeAsset, BOB, 1 ether), _oneFee(nativeAsset, 1 ether)));
        _logged([IGateway.Released.selector, IGateway.FeePaid.selector, IGateway.BatchReleased.selector]);
    }

    // The limit is on net outflow.

    function test_release_defersWhenWindowIsUsedUp() public {
        _depositBeforeWindow(nativeAsset, 10 ether, 4 ether);
        _release(nativeAsset, BOB, 3 ether);
        _expectDeferred(1, nativeAsset, BOB, 2 ether, IAssetBook.DeferReason.WindowExceeded);
        _release(nativeAsset, BOB, 2 ether);
        // A quarter of the window brings back a quarter of the limit.
        vm.warp(block.timestamp + gateway.WINDOW_SEC() / 4);
        _same(gateway.assetOf(nativeAsset).windowAvailable, 2 ether, "available");
        _release(nativeAsset, BOB, 2 ether);
        _same(BOB.balance, 5 ether, "balance");
    }

    /// @dev A deposit that does not open, above the limit, cost its sender one fee and stopped everybody for an hour.
    function test_release_leavesHonestRoomWhenDepositComesBack() public {
        _depositBeforeWindow(nativeAsset, 5_000 ether, 1_000 ether);
        uint64 index = _deposit(nativeAsset, 1_001 ether);
        _submit(_batch(_oneRefund(nativeAsset, 1_000 ether, index), _noFees()));
        _same(gateway.isSpent(index), true, "refunded");
        _release(nativeAsset, BOB, 1_000 ether);
        _same(BOB.balance, 1_000 ether, "balance");
    }

    /// @dev What a deposit gives decays as what is used does, so only a refund at once is free for everybody else.
    function test_release_countsRefundAgainstTheLimitWhenItComesLate() public {
        _depositBeforeWindow(nativeAsset, 5_000 ether, 1_000 ether);
        uint64 index = _deposit(nativeAsset, 1_000 ether);
        vm.warp(block.timestamp + gateway.WINDOW_SEC() / 4);
        _submit(_batch(_oneRefund(nativeAsset, 1_000 ether, index), _noFees()));
        _same(gateway.assetOf(nativeAsset).windowAvailable, 750 ether, "available");
    }

    function test_release_givesRoomWhenMintedTokenIsBurnt() public {
        gateway.setWindowLimit(mintedAsset, 5 ether);
        _release(mintedAsset, ALICE, 5 ether);
        _same(gateway.assetOf(mintedAsset).windowAvailable, 0, "available");
        _deposit(mintedAsset, 3 ether);
        _same(gateway.assetOf(mintedAsset).windowAvailable, 3 ether, "available after a deposit");
    }

    function test_release_countsFeesInWindow() public {
        _depositBeforeWindow(nativeAsset, 10 ether, 4 ether);
        _submit(_batch(_one(nativeAsset, BOB, 3 ether), _oneFee(nativeAsset, 1 ether)));
        _same(gateway.assetOf(nativeAsset).windowAvailable, 0, "available");
    }

    // A batch is its submitter's, and a refund is made once.

    /// @dev Whoever copied a pending release took its fee.
    function test_release_revertsWhenCopiedBySomebodyElse() public {
        _deposit(nativeAsset, 10 ether);
        ReleaseBatch memory batch = _batch(_one(nativeAsset, BOB, 1 ether), _oneFee(nativeAsset, 1 ether));
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayCallerNotSubmitter.selector, ALICE, RELAYER));
        vm.prank(ALICE);
        gateway.release(batch, signatures);
        batch.submitter = ALICE;
        vm.expectRevert();
        vm.prank(ALICE);
        gateway.release(batch, signatures);
    }

    function test_release_reachesSameHeadWhoeverSubmits() public {
        ReleaseBatch memory batch = _batch(_one(mintedAsset, BOB, 1 ether), _noFees());
        bytes32 head = _headAfter(batch);
        batch.submitter = ALICE;
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.prank(ALICE);
        gateway.release(batch, signatures);
        _same(gateway.releasedHead(), head, "released head");
    }

    function test_release_skipsWhenMessageWasRefundedBefore() public {
        uint64 index = _deposit(nativeAsset, 2 ether);
        _deposit(nativeAsset, 20 ether);
        _submit(_batch(_oneRefund(nativeAsset, 1 ether, index), _noFees()));
        uint256 balance = ALICE.balance;
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.ReleaseSkipped(1, keccak256("tag"), index + 1, IGateway.SkipReason.AlreadySpent);
        Release[] memory releases = new Release[](2);
        releases[0] = _oneRefund(nativeAsset, 1 ether, index)[0];
        releases[1] = _one(nativeAsset, BOB, 1 ether)[0];
        _submit(_batch(releases, _noFees()));
        _same(ALICE.balance, balance, "balance of the depositor");
        _same(BOB.balance, 1 ether, "balance of who comes next");
        _same(gateway.claimOf(1).amount, 0, "claim");
        _same(gateway.releasedCount(), 3, "released count");
    }

    function test_release_skipsWhenRefundedMessageIsUnknown() public {
        _deposit(nativeAsset, 20 ether);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.ReleaseSkipped(0, keccak256("tag"), 2, IGateway.SkipReason.MessageUnknown);
        _submit(_batch(_oneRefund(nativeAsset, 1 ether, 1), _noFees()));
        _same(_outstanding(nativeAsset), 20 ether, "outstanding");
        uint64 index = _deposit(nativeAsset, 2 ether);
        _same(gateway.isSpent(index), false, "spent before it was sent");
        _submit(_batch(_oneRefund(nativeAsset, 1 ether, index), _noFees()));
        _same(gateway.isSpent(index), true, "spent");
    }

    function test_release_skipsWhenRefundOfIsTheLargestThereIs() public {
        ReleaseBatch memory batch = _batch(_one(nativeAsset, ALICE, 1 ether), _noFees());
        batch.releases[0].refundOf = type(uint64).max;
        _submit(batch);
        _same(gateway.claimOf(0).amount, 0, "claim");
    }

    function test_release_spendsMessageWhenRefundIsPutAside() public {
        uint64 index = _deposit(nativeAsset, 2 ether);
        gateway.pause(nativeAsset);
        _submit(_batch(_oneRefund(nativeAsset, 1 ether, index), _noFees()));
        _same(gateway.isSpent(index), true, "spent");
        gateway.unpause(nativeAsset);
        _submit(_batch(_oneRefund(nativeAsset, 1 ether, index), _noFees()));
        gateway.claim(0);
        _same(_outstanding(nativeAsset), 1 ether, "outstanding");
    }

    function test_release_keepsHighestConsumedCount() public {
        for (uint256 i = 0; i < 3; ++i) {
            _deposit(nativeAsset, 1 ether);
        }
        uint64[3] memory counts = [uint64(2), 1, 3];
        uint64[3] memory kept = [uint64(2), 2, 3];
        for (uint256 i = 0; i < 3; ++i) {
            ReleaseBatch memory batch = _batch(new Release[](0), _noFees());
            batch.consumedCount = counts[i];
            _submit(batch);
            _same(gateway.consumedCount(), kept[i], "consumed count");
        }
    }

    function test_release_revertsWhenMoreIsConsumedThanSent() public {
        _deposit(nativeAsset, 1 ether);
        ReleaseBatch memory batch = _batch(new Release[](0), _noFees());
        batch.consumedCount = 2;
        _submitExpecting(batch, abi.encodeWithSelector(IGateway.GatewayConsumedAboveSent.selector, 2, 1));
    }

    function testFuzz_release_conservesWhenAmountsVary(uint256 deposited, uint256 first, uint256 second)
        public
    {
        deposited = _within(deposited, 1 ether, LIMIT);
        _deposit(nativeAsset, deposited);
        Release[] memory releases = new Release[](2);
        releases[0] = _one(nativeAsset, BOB, _within(first, 0, 2 * LIMIT))[0];
        releases[1] = _one(nativeAsset, BOB, second)[0];
        _submit(_batch(releases, _noFees()));
        _same(BOB.balance + _outstanding(nativeAsset), deposited, "paid and outstanding");
        _same(address(gateway).balance, _outstanding(nativeAsset), "held");
    }

    /// @dev The gateway's own logs since the last call of `recordLogs`, in order.
    function _logged(bytes32[3] memory topics) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        _same(logs.length, topics.length, "logs");
        for (uint256 i = 0; i < topics.length; ++i) {
            _same(logs[i].topics[0], topics[i], "topic");
        }
    }

    function _alter(ReleaseBatch memory batch, uint8 member, uint256 other) private pure {
        uint256 which = member % 11;
        if (which == 0) batch.epoch = uint64(other);
        else if (which == 1) batch.firstIndex = uint64(other);
        else if (which == 2) batch.prevHead = bytes32(other);
        else if (which == 3) batch.releases[0].tag = bytes32(other);
        else if (which == 4) batch.releases[0].asset = bytes32(other);
        else if (which == 5) batch.releases[0].recipient = address(uint160(other));
        else if (which == 6) batch.releases[0].amount = other;
        else if (which == 7) batch.fees[0].amount = other;
        else if (which == 8) batch.releases[0].refundOf = uint64(other);
        else if (which == 9) batch.consumedCount = uint64(other);
        else batch.submitter = address(uint160(other));
    }

    /// @dev A gateway that holds ten of a token, which moves `percent` of what it is told to.
    function _inexact(uint256 percent) private returns (InexactToken token, bytes32 asset) {
        token = new InexactToken();
        asset = _register(address(token));
        token.mint(ALICE, 10 ether);
        vm.prank(ALICE);
        token.approve(address(gateway), 10 ether);
        _deposit(asset, 10 ether);
        token.setPercent(percent);
    }

    function _headAfter(ReleaseBatch memory batch) private pure returns (bytes32) {
        (bytes32 releases, bytes32 fees) = _listHashes(batch);
        return keccak256(abi.encode(batch.prevHead, releases, fees));
    }
}
