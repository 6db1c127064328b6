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
    public var offsets: [Int] {
        var offsets = [0]
        offsets.reserveCapacity(directory.chunks.count + 1)
        for chunk in directory.chunks {
            offsets.append(offsets[offsets.count - 1] + chunk.rawBytes)
        }
        return offsets
    }

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
    public var deltaOffsets: [Int] {
        var offsets = [0]
        offsets.reserveCapacity(directory.chunks.count + 1)
        for chunk in directory.chunks {
            offsets.append(offsets[offsets.count - 1] + chunk.storedBytes)
        }
        return offsets
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
