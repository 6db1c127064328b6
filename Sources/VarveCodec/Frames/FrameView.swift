public import VarveFormat

/// An opened frame: which chunks it holds, and their payload, still compressed.
public struct FrameView {
    public let directory: FrameDirectory
    /// Lies in the buffer that the frame was opened in.
    public let payload: UnsafeRawBufferPointer

    /// Decodes the opened body of a frame.
    public init(body: UnsafeRawBufferPointer) throws(FormatError) {
        var reader = ByteReader(body)
        directory = try FrameDirectory(&reader)
        payload = try reader.take(reader.remaining)
    }

    /// Where each chunk of a full frame starts in its plain bytes, and where the last one ends.
    public var offsets: [Int] { starts(\.rawBytes) }

    /// Fills `plain`, of `directory.rawBytes`, with all chunks of a full frame.
    public func decode(
        into plain: UnsafeMutableRawBufferPointer, _ decompressor: inout Decompressor
    ) throws(SealError) {
        switch directory.codec {
        case .stored: plain.copyMemory(from: payload)
        case .zstd: try decompressor.fill(plain, from: payload)
        case .delta: throw .damaged("it holds deltas where full chunks are meant")
        }
    }

    /// Where each delta starts in the payload, and where the last one ends.
    public var deltaOffsets: [Int] { starts(\.storedBytes) }

    /// Where what has these lengths starts, one behind the other, and where the last one ends.
    private func starts(_ byteCount: (FrameDirectory.Chunk) -> Int) -> [Int] {
        var starts = [0]
        starts.reserveCapacity(directory.chunks.count + 1)
        for chunk in directory.chunks { starts.append(starts[starts.count - 1] + byteCount(chunk)) }
        return starts
    }
}

extension Decompressor {
    /// Fills `plain` with the chunks in `payload`; a delta is applied to its `base`.
    public mutating func fill(
        _ plain: UnsafeMutableRawBufferPointer, from payload: UnsafeRawBufferPointer,
        base: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) throws(SealError) {
        do throws(ZstdError) {
            try decompress(payload, into: plain, prefix: base)
        } catch {
            throw .damaged(error.description)
        }
    }
}
