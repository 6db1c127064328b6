import CSystem

/// What this process has freed and keeps for itself.
public enum FreedMemory {
    /// Gives it back to the system; worth while between pieces of work that each take much.
    public static func giveBack() { malloc_trim(0) }
}
