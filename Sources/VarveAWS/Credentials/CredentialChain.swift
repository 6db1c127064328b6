import VarveSystem

/// Looks for credentials where AWS's own programs look, in their order.
struct CredentialChain: Sendable {
    let environment: AWSEnvironment
    let services: CredentialServices

    /// How many profiles may stand for each other.
    private static let profileDepthMax = 4

    /// The first that exist; what exists and is wrong is an error.
    func fetch() throws(AWSError) -> AWSCredentials {
        if let keys = try fromVariables() { return keys }
        if let file = environment["AWS_WEB_IDENTITY_TOKEN_FILE"],
            let role = environment["AWS_ROLE_ARN"]
        {
            return try services.assume(
                role, tokenFile: file, session: environment["AWS_ROLE_SESSION_NAME"])
        }
        let profiles = try environment.profiles()
        if let settings = profiles[environment.profileName] {
            if let keys = try self.keys(of: settings, in: profiles, depth: 0) { return keys }
        } else if environment.namesProfile {
            throw missing("there is no profile \(environment.profileName) in ~/.aws")
        }
        if let keys = try services.container(environment) { return keys }
        if environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() != "true",
            let keys = try services.instance(environment)
        {
            return keys
        }
        throw missing(
            "there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a "
                + "profile in ~/.aws/credentials")
    }

    private func fromVariables() throws(AWSError) -> AWSCredentials? {
        switch (environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]) {
        case (nil, nil): return nil
        case (let id?, let secret?):
            return AWSCredentials(
                accessKeyID: id, secretAccessKey: secret,
                sessionToken: environment["AWS_SESSION_TOKEN"])
        case (_?, nil): throw missing("AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not")
        case (nil, _?): throw missing("AWS_SECRET_ACCESS_KEY is set, and AWS_ACCESS_KEY_ID is not")
        }
    }

    /// What the settings of a profile lead to; nil when they say nothing of credentials.
    private func keys(
        of settings: [String: String], in profiles: AWSProfiles, depth: Int
    ) throws(AWSError) -> AWSCredentials? {
        guard depth < Self.profileDepthMax else {
            throw missing("profiles of ~/.aws stand for each other in a circle")
        }
        if let role = settings["role_arn"] {
            return try assumed(role, settings, profiles, depth)
        }
        switch (settings["aws_access_key_id"], settings["aws_secret_access_key"]) {
        case (let id?, let secret?):
            return AWSCredentials(
                accessKeyID: id, secretAccessKey: secret,
                sessionToken: settings["aws_session_token"])
        case (nil, nil): break
        default:
            throw missing(
                "a profile of ~/.aws has one of aws_access_key_id and aws_secret_access_key "
                    + "without the other")
        }
        if let command = settings["credential_process"] { return try services.run(command) }
        if settings["sso_session"] != nil || settings["sso_start_url"] != nil {
            throw missing(
                "the profile signs in with SSO, which is not supported; set credential_process to "
                    + "`aws configure export-credentials`")
        }
        return nil
    }

    private func assumed(
        _ role: String, _ settings: [String: String], _ profiles: AWSProfiles, _ depth: Int
    ) throws(AWSError) -> AWSCredentials {
        let session = settings["role_session_name"]
        if let file = settings["web_identity_token_file"] {
            return try services.assume(role, tokenFile: file, session: session)
        }
        let base: AWSCredentials?
        if let name = settings["source_profile"] {
            guard var source = profiles[name] else {
                throw missing("there is no profile \(name) in ~/.aws")
            }
            // A profile may take a role with keys of its own.
            if name == environment.profileName, depth == 0 { source["role_arn"] = nil }
            base = try keys(of: source, in: profiles, depth: depth + 1)
        } else {
            base =
                switch settings["credential_source"] {
                case "Environment": try fromVariables()
                case "EcsContainer": try services.container(environment)
                case "Ec2InstanceMetadata": try services.instance(environment)
                default: nil
                }
        }
        guard let base else {
            throw missing("the profile's role has no credentials to take it with")
        }
        return try services.assume(
            role, with: base, session: session, externalID: settings["external_id"])
    }

    private func missing(_ reason: String) -> AWSError {
        AWSError(code: AWSError.noCredentials, reason: reason)
    }
}
