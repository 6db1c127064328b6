import VarveSystem

/// Environment variables; one that is set to nothing is an error, for it would act as if unset.
enum Variables {
    static func value(_ name: String) throws -> String? {
        guard let value = Environment.value(name) else { return nil }
        guard !value.isEmpty else {
            throw Failure.usage("\(name) is set to nothing; give it a value or unset it")
        }
        return value
    }

    /// Throws for a variable with a senseless value, also where this command does not need it: a
    /// mistake is told when it is made, not at the next backup.
    static func check() throws {
        _ = try progressRate()
        _ = try Compression.level(nil)
    }

    /// How often the live line changes, in lines a second; nil when the variable is not set.
    static func progressRate() throws -> Double? {
        guard let text = try value("VARVE_PROGRESS_FPS") else { return nil }
        guard let rate = Double(text), rate > 0, rate <= 60 else {
            throw Failure.usage(
                "VARVE_PROGRESS_FPS is '\(text)'; it is a number of lines a second, above 0 and "
                    + "up to 60")
        }
        return rate
    }
}
