extension Node.Device {
    /// From the kernel's number: twelve bits of major amid twenty of minor, and more above.
    public init(number: UInt64) {
        self.init(
            major: (number >> 8) & 0xfff | (number >> 32) & 0xffff_f000,
            minor: number & 0xff | (number >> 12) & 0xffff_ff00)
    }

    /// As the kernel numbers devices.
    public var number: UInt64 {
        (major & 0xfff) << 8 | (major & 0xffff_f000) << 32 | minor & 0xff
            | (minor & 0xffff_ff00) << 12
    }
}
