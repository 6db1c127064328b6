import Synchronization
public import VarveHTTP
import VarveSystem

/// The credentials in force, fetched anew before they expire; calls may block.
public final class CredentialProvider: Sendable {
    private let fetch: @Sendable () throws(AWSError) -> AWSCredentials
    private let held: Mutex<AWSCredentials?>
    /// Held by whoever fetches new ones.
    private let fetching = Mutex<Void>(())

    /// How long before they expire new ones are fetched, in nanoseconds.
    private static let renewalNanoseconds: Int64 = 5 * 60 * 1_000_000_000

    /// Those that never change.
    public init(_ credentials: AWSCredentials) {
        fetch = { () throws(AWSError) in credentials }
        held = Mutex(credentials)
    }

    /// Those of the process's environment, in AWS's order.
    public convenience init(
        _ environment: AWSEnvironment, http: HTTPClient, region: String,
        sts: AWSEndpoint? = nil, retry: RetryPolicy = RetryPolicy()
    ) {
        let chain = CredentialChain(
            environment: environment,
            services: CredentialServices(http: http, region: region, sts: sts, retry: retry))
        self.init { () throws(AWSError) in try chain.fetch() }
    }

    init(fetch: @escaping @Sendable () throws(AWSError) -> AWSCredentials) {
        self.fetch = fetch
        held = Mutex(nil)
    }

    /// Those to sign a request with now.
    func current() throws(AWSError) -> AWSCredentials {
        let now = Clock.wallNanoseconds()
        if let credentials = held.withLock({ $0 }) {
            guard let expiration = credentials.expiration,
                expiration - Self.renewalNanoseconds <= now
            else { return credentials }
            if now < expiration {
                // One thread looks for new ones; the others, and it too when it fails, go on.
                let fresh = fetching.withLockIfAvailable { _ in try? fetch() }
                if case .some(.some(let fresh)) = fresh { return hold(fresh) }
                return credentials
            }
        }
        return try fetching.withLock { (_) throws(AWSError) in
            if let held = held.withLock({ $0 }), (held.expiration ?? .max) > now { return held }
            return hold(try fetch())
        }
    }

    /// Fetches others in place of some that were refused as expired; false when there are none.
    func renew(_ refused: AWSCredentials) -> Bool {
        fetching.withLock { _ in
            if let held = held.withLock({ $0 }), held != refused { return true }
            guard let fresh = try? fetch(), fresh != refused else { return false }
            _ = hold(fresh)
            return true
        }
    }

    private func hold(_ credentials: AWSCredentials) -> AWSCredentials {
        held.withLock { $0 = credentials }
        return credentials
    }
}
