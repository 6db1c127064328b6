import Glibc

/// The words that this process was started with.
public enum ProcessArguments {
    /// As the kernel has them, which need not be UTF-8; the program's name comes first.
    public static func all() -> [[UInt8]] {
        (0..<Int(CommandLine.argc)).compactMap { index in
            CommandLine.unsafeArgv[index].map { word in
                Array(UnsafeRawBufferPointer(start: word, count: strlen(word)))
            }
        }
    }
}
