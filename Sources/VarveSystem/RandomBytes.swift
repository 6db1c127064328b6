import CSystem
import Glibc

/// Bytes from the kernel's generator, fit for keys.
public func randomBytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        while filled < count, let start = buffer.baseAddress {
            let answer = getrandom(start + filled, count - filled, 0)
            if answer > 0 {
                filled += answer
            } else {
                // Going on with weaker randomness would be worse than ending here.
                precondition(answer < 0 && errno == EINTR, "the kernel gives no random bytes")
            }
        }
    }
}

/// Random text of `2 * byteCount` lower-case hexadecimal digits, for temporary names.
public func randomName(byteCount: Int = 16) -> String {
    let digits = Array("0123456789abcdef".utf8)
    let characters = randomBytes(byteCount).flatMap {
        [digits[Int($0 >> 4)], digits[Int($0 & 15)]]
    }
    return String(decoding: characters, as: UTF8.self)
}
