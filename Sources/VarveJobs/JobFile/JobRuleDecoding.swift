import VarveMaintenance
import VarveSources

extension JobDecoder {
    func retention(_ fields: YAMLFields) -> JobRetention? {
        guard let node = fields.node("retention"),
            let own = YAMLFields(node, of: "retention", known: JobKeys.retention, mistakes)
        else { return nil }
        var rules: [RetentionRule] = []
        if let count = count(own, "keep_last") { rules.append(.last(count)) }
        for period in RetentionCalendar.Period.allCases {
            if let count = count(own, "keep_\(period.rawValue)") {
                rules.append(.newest(period, count))
            }
            if let age = age(own, "keep_within_\(period.rawValue)") {
                rules.append(.newestWithin(period, age))
            }
        }
        if let age = age(own, "keep_within") { rules.append(.within(age)) }
        for tags in own.texts("keep_tags") ?? [] {
            rules.append(.tags(tags.split(separator: ",").map(String.init)))
        }
        let prunes = own.flag("prune") ?? false
        guard let policy = RetentionPolicy(rules) else {
            let hasRules = JobKeys.retention.contains { $0 != "prune" && own.has($0) }
            if !hasRules {
                mistakes.add(
                    node.place, "retention says nothing of what stays; add keep_daily: 7, say")
            }
            return nil
        }
        return JobRetention(policy: policy, prunes: prunes)
    }

    private func count(_ fields: YAMLFields, _ key: String) -> RetentionRule.Count? {
        guard let node = fields.node(key) else { return nil }
        if node.content == .text("unlimited", isPlain: true) { return .unlimited }
        guard let number = YAMLFields.number(node), number > 0 else {
            mistakes.add(
                node.place, "\(YAMLFields.shown(node)) is no number above 0, and not unlimited")
            return nil
        }
        return .limited(number)
    }

    private func age(_ fields: YAMLFields, _ key: String) -> RetentionAge? {
        fields.value(
            key, "an age like 2y5m7d3h: years, months, days, hours", RetentionAge.init)
    }

    func hooks(_ fields: YAMLFields) -> JobHooks {
        var hooks = JobHooks()
        guard let node = fields.node("hooks"),
            let own = YAMLFields(node, of: "hooks", known: JobKeys.hooks, mistakes)
        else { return hooks }
        let timeout = seconds(own) ?? JobHooks.timeoutSeconds
        hooks.before = list(own, "before", timeout)
        hooks.after = list(own, "after", timeout)
        hooks.onSuccess = list(own, "on_success", timeout)
        hooks.onFailure = list(own, "on_failure", timeout)
        return hooks
    }

    private func list(_ fields: YAMLFields, _ key: String, _ timeout: Int) -> [Hook] {
        (fields.items(key) ?? []).compactMap { item in
            guard case .mapping = item.content else {
                return invocation(item).map { Hook(invocation: $0, timeoutSeconds: timeout) }
            }
            guard let own = YAMLFields(item, of: "a hook", known: JobKeys.hook, mistakes) else {
                return nil
            }
            let seconds = seconds(own) ?? timeout
            guard let node = own.node("run") else {
                if !own.has("run") { mistakes.add(item.place, "a hook has a program in run") }
                return nil
            }
            return invocation(node).map { Hook(invocation: $0, timeoutSeconds: seconds) }
        }
    }

    private func seconds(_ fields: YAMLFields) -> Int? {
        fields.value("timeout", "a time like 30s, 10m or 2h, up to 24h", Self.seconds)
    }

    private static func seconds(_ text: String) -> Int? {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
            (1...86_400).contains(count), count * unit <= 86_400
        else { return nil }
        return count * unit
    }

    func secrets(_ fields: YAMLFields) -> [SecretFile] {
        (fields.items("secrets") ?? []).compactMap { item in
            guard case .mapping = item.content else {
                return YAMLFields.text(item, "a file of secrets", mistakes).map {
                    SecretFile(path: paths.absolute($0))
                }
            }
            guard let own = YAMLFields(item, of: "secrets", known: JobKeys.secret, mistakes) else {
                return nil
            }
            _ = own.value("keep", "names-only, which is all that can be kept") {
                $0 == "names-only" ? true : nil
            }
            let formats = SecretFormat.allCases.map(\.rawValue).joined(separator: ", ")
            let format = own.value("format", "one of \(formats)", SecretFormat.init)
            guard let path = own.text("file") else {
                if !own.has("file") { mistakes.add(item.place, "an item of secrets has a file") }
                return nil
            }
            return SecretFile(path: paths.absolute(path), format: format)
        }
    }

    func proof(_ fields: YAMLFields) -> JobProof {
        var proof = JobProof()
        guard let node = fields.node("verify"),
            let own = YAMLFields(node, of: "verify", known: JobKeys.proof, mistakes)
        else { return proof }
        proof.interval = own.value("every", "run, or an age like 7d or 12h") {
            $0 == "run" ? .everyRun : RetentionAge($0).map { .age($0) }
        }
        proof.questions.database = own.text("database")
        proof.questions.tables = (own.places("expect_tables") ?? []).compactMap { word, place in
            let table = ProofQuestions.Table(word)
            if table == nil {
                mistakes.add(place, "'\(Shown.short(word))' is not NAME or NAME=ROWS")
            }
            return table
        }
        proof.questions.assertions = (own.items("assertions") ?? []).compactMap { item in
            if case .text(let sql, _) = item.content, !sql.isEmpty { return .init(sql) }
            guard
                let fields = YAMLFields(
                    item, of: "an assertion", known: JobKeys.assertion, mistakes)
            else { return nil }
            guard let sql = fields.text("sql") else {
                if !fields.has("sql") { mistakes.add(item.place, "an assertion has sql") }
                return nil
            }
            return .init(sql, name: fields.text("name"))
        }
        return proof
    }
}
