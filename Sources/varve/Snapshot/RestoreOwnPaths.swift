import VarveRepository
import VarveSystem

extension RepositoryAccess {
    /// The repository, and what this machine keeps of it: what no restore may remove.
    func ownPaths(of repository: Repository) -> [String] {
        var paths = [location, directories.cache]
        if let state = directories.state { paths.append(state) }
        switch secret {
        case .keyFile(let path), .passphraseFile(let path): paths.append(path)
        default: break
        }
        if let key = try? Places.keyFile(repository.id) { paths += [key, File.parent(of: key)] }
        return paths
    }
}
