import VarveSystem

/// What a process knows of its AWS account before it asks anybody.
public struct AWSEnvironment: Sendable {
    private let variable: @Sendable (String) -> String?
    private let home: String?

    /// This process's.
    public init() {
        variable = { Environment.value($0) }
        home = Accounts.homeDirectory()
    }

    /// For tests.
    public init(_ variables: [String: String], home: String? = nil) {
        variable = { variables[$0] }
        self.home = home
    }

    /// The value of a variable that is set to something.
    public subscript(_ name: String) -> String? {
        variable(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    public var region: String? { self["AWS_REGION"] ?? self["AWS_DEFAULT_REGION"] }

    public var profileName: String { self["AWS_PROFILE"] ?? "default" }

    /// Where a service listens that is not AWS's own, such as `S3`: a URL.
    public func endpoint(of service: String) throws(AWSError) -> String? {
        if let url = self["AWS_ENDPOINT_URL_\(service)"] ?? self["AWS_ENDPOINT_URL"] { return url }
        return try profiles()[profileName]?["endpoint_url"]
    }

    /// Whether somebody asked for a profile, so that it must exist.
    var namesProfile: Bool { self["AWS_PROFILE"] != nil }

    /// The text of a file of profiles, `nil` when it does not exist.
    private func text(_ name: String, _ variable: String) throws(AWSError) -> String? {
        let base = self["HOME"] ?? home
        guard let path = self[variable] ?? base.map({ "\($0)/.aws/\(name)" }) else { return nil }
        do throws(SystemError) {
            return String(
                decoding: try File.contents(of: path, limit: Self.fileBytesMax), as: UTF8.self)
        } catch  where error.isMissing && self[variable] == nil {
            return nil
        } catch {
            throw AWSError(code: AWSError.noCredentials, reason: error.description)
        }
    }

    static let fileBytesMax = 1 << 20

    /// The profiles of both files; what stands in the one of credentials wins.
    public func profiles() throws(AWSError) -> AWSProfiles {
        var profiles = AWSProfiles()
        if let text = try text("config", "AWS_CONFIG_FILE") {
            profiles.add(text, isConfiguration: true)
        }
        if let text = try text("credentials", "AWS_SHARED_CREDENTIALS_FILE") {
            profiles.add(text, isConfiguration: false)
        }
        return profiles
    }
}
