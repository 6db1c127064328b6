import VarveRepository
import VarveSystem

extension RepositoryAccess {
    /// The repository, and what this machine keeps of repositories: no part of any snapshot.
    var ownDirectories: [String] {
        var paths = [directories.cache]
        if case .directory(let path) = place { paths.insert(path, at: 0) }
        return paths + (directories.state.map { [$0] } ?? [])
    }

    /// These, and the keys: what no restore may remove.
    func ownPaths(of repository: Repository) -> [String] {
        var paths = ownDirectories
        switch secret {
        case .keyFile(let path), .passphraseFile(let path): paths.append(path)
        default: break
        }
        if let key = try? Places.keyFile(repository.id) { paths += [key, File.parent(of: key)] }
        return paths
    }
}
