/// What makes it safe that anybody does anything at any time; each can be switched off.
enum Rule: CaseIterable {
    case numberIsTakenOnce
    case answerIsChecked
    case writerLooksAgain
    case maintenanceMarksAgain
    case recordComesLast
    case storedStaysAfterCommit
    case treeIsWalked
    case basesAreLookedUp
    case condemnedDeltasDoNotCount
    case ownObjectsAreUnswept
    case manifestIsSealedAnew
    case resealedIsSealedAnew
    case condemnedIsNotStored
    case sweepMarksAgain
    case keptDeltaKeepsBase
    case idleDeltaKeepsBase
    case baseWaitsForItsDeltas
    case removalFollowsRecord
    case sweptStaysDead
    case sweptIsRememberedWhileNamed
    case sweepsReadAreRemembered
    case sweptIsNotCondemned
    case rewritingIsGivenUp
    case graceIsWaitedFor
    case agesAreTheStorages
    case youngIsLeftAlone
    case timeIsAskedFirst
    case holdProtects
    case rotateIsMet
    case keyringComesFirst
    case epochsAreKept
    case oldEpochIsRefused

    /// The rule as the documents say it.
    var sentence: String {
        switch self {
        case .numberIsTakenOnce: "A log record is created only if its number is free."
        case .answerIsChecked: "What stands at the number counts if it has this record's nonce."
        case .writerLooksAgain: "A commit is made for the state right before it."
        case .maintenanceMarksAgain: "What is condemned or swept was marked right before it."
        case .recordComesLast: "Before the record all that it names is durable."
        case .storedStaysAfterCommit: "What a record may name is not taken back."
        case .treeIsWalked: "After a sweep every id that a commit needs is looked up."
        case .basesAreLookedUp: "So is the base of every delta that the session wrote."
        case .condemnedDeltasDoNotCount:
            "Then a delta in a condemned pack does not count, for its base may be swept before it."
        case .ownObjectsAreUnswept: "Then the session's own packs must be unswept."
        case .manifestIsSealedAnew: "A manifest that a sweep may have taken is sealed anew."
        case .resealedIsSealedAnew: "So is one that takes the place of another."
        case .condemnedIsNotStored: "No copy in a condemned pack counts as stored."
        case .sweepMarksAgain: "A sweep marks once more what was condemned."
        case .keptDeltaKeepsBase: "A kept delta keeps a full copy of its base."
        case .idleDeltaKeepsBase: "So does one that nobody needs, as long as its pack stays."
        case .baseWaitsForItsDeltas: "No base is swept before the deltas on it are condemned."
        case .removalFollowsRecord: "Only what a sweep in the log names is removed."
        case .sweptStaysDead: "What lies in a swept pack resolves no more."
        case .sweptIsRememberedWhileNamed:
            "A swept pack is swept once more, and forgotten, when no segment names it."
        case .sweepsReadAreRemembered: "A process goes by all the sweeps that it has read."
        case .sweptIsNotCondemned: "What is swept already is not condemned again."
        case .rewritingIsGivenUp: "What was written anew is given up when something was swept."
        case .graceIsWaitedFor: "What was condemned is swept after the grace period."
        case .agesAreTheStorages: "Ages are differences of times that the storage gave."
        case .youngIsLeftAlone: "What no record names is left alone for a day."
        case .timeIsAskedFirst: "What the storage holds is as old as it was before it was listed."
        case .holdProtects: "And as long as a hold names it."
        case .rotateIsMet: "Behind a rotate everything is sealed under the new epoch."
        case .keyringComesFirst: "A keyring is durable before the record that names it."
        case .epochsAreKept: "A new keyring has all epochs of the one in force before it."
        case .oldEpochIsRefused: "A record sealed under an old epoch behind a rotate is refused."
        }
    }
}
