import CSystem
import Glibc

/// The words that this process was started with.
public enum ProcessArguments {
    /// As the kernel has them, which need not be UTF-8; the program's name comes first. Does not
    /// need `/proc`; empty when the C library did not tell.
    public static func all() -> [[UInt8]] {
        (0..<varve_word_count()).compactMap { index in
            varve_word(index).map { word in
                Array(UnsafeRawBufferPointer(start: word, count: strlen(word)))
            }
        }
    }
}
