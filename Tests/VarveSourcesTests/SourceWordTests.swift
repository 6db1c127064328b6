import Testing
import VarveArchive
import VarveFormat
import VarveSources

@Suite("A word that names a source")
struct SourceWordTests {
    @Test(
        "is a path unless it begins with a scheme",
        arguments: [
            "/srv/app", "./postgres:x", "./postgres://h/db", "a:b", "C:", "name", "a b://c",
            "1x://y",
            "/postgres://h/db", "://x", "",
        ])
    func paths(word: String) throws {
        guard case .path = try SourceWord(word) else {
            Issue.record("\(word) is no path")
            return
        }
    }

    @Test(
        "has a name without user or password, and a place of its own",
        arguments: [
            ("postgres://me:secret@db.example/app", "postgres://db.example/app"),
            ("postgresql://me:secret@db.example:5433/app", "postgres://db.example:5433/app"),
            ("POSTGRES://db/app?user=me&password=secret", "postgres://db/app"),
            ("postgresql+psycopg2://me:secret@db/app?prepare=1", "postgres://db/app"),
            (
                "postgres://me:s%40cret@%2Frun%2Fpg:5444/my%20app",
                "postgres://%2Frun%2Fpg:5444/my%20app"
            ),
            ("postgres://[::1]:5433/app", "postgres://[::1]:5433/app"),
        ])
    func names(word: String, name: String) throws {
        guard case .trees(let trees) = try SourceWord(word) else {
            Issue.record("\(word) is a path")
            return
        }
        #expect(trees.map(\.source.displayName) == [name])
        #expect(trees[0].place.first == Array("postgres".utf8))
        #expect(trees[0].source.anchors.isEmpty)
    }

    @Test(
        "is refused without its secrets when it makes no sense",
        arguments: [
            "gopher://me:secret@h/", "postgres:secret", "postgres://me:secret%zz@h/app",
            "postgres://me:secret@h/app?nonsense=secret", "postgresql+x://me:secret%@h/app",
            "env:VARVE_NO_SUCH_VARIABLE_secret", "postgres://me:x/secret@127.0.0.1/app",
            "postgres://me:x@secret@127.0.0.1/app", "postgres:///app?service=secret",
        ])
    func refusals(word: String) {
        do {
            _ = try SourceWord(word)
            Issue.record("\(word) is accepted")
        } catch {
            let hasSecret = "\(error)".contains("secret") && !word.hasPrefix("env:")
            #expect(!hasSecret, "\(error)")
            #expect(error is SourceWordError)
        }
    }
}
