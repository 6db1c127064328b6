import CSystem
import Glibc

extension File {
    /// Opens a directory several levels below this one; its components are separated by "/".
    ///
    /// Fails when a component is a symbolic link or leads out of this directory (ELOOP, ENOTDIR,
    /// EXDEV or EINVAL), so that a tree under attack cannot turn a restore elsewhere.
    public func openDirectory(below path: [UInt8]) throws(SystemError) -> File {
        let shown = self.path(below: path)
        guard !path.contains(0), !path.isEmpty else {
            throw SystemError(.openDirectory, shown, errno: EINVAL)
        }
        let text = path.map { CChar(bitPattern: $0) } + [0]
        do throws(SystemError) {
            let number = try attempt(.openDirectory, shown) {
                varve_open_beneath(descriptor, text, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            }
            return File(descriptor: number, path: shown)
        } catch  where error.errno == ENOSYS || error.errno == EPERM {
            // Kernels before 5.6, and containers whose filter does not know the call.
            return try openStepwise(path)
        }
    }

    private func openStepwise(_ path: [UInt8]) throws(SystemError) -> File {
        var directory = try duplicate()
        for component in path.split(separator: UInt8(ascii: "/")) {
            directory = try directory.openDirectory(component)
        }
        return directory
    }

    private func path(below path: [UInt8]) -> String {
        self.path + "/" + String(decoding: path, as: UTF8.self)
    }
}
