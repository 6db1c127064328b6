import ArgumentParser
import VarveArchive
import VarveFormat
import VarveMount
import VarveRepository
import VarveSystem

struct MountCommand: VarveCommand {
    static let configuration = CommandConfiguration(
        commandName: "mount",
        abstract: "Show every snapshot as files, read-only.",
        usage: "varve mount DIRECTORY [OPTIONS]",
        discussion: """
            Stays until Ctrl-C, `fusermount3 -u DIRECTORY` or, as root, `umount DIRECTORY`. Shows \
            ids, hosts, sources and tags, and in each the snapshots by their times; `latest` is \
            the newest. New snapshots appear while it is mounted.

              varve mount /mnt/varve &
              cp -a /mnt/varve/latest/srv/app/uploads /srv/app/
              diff -r /mnt/varve/hosts/web1/2026-11-20T02:00:00Z/etc /etc

            Only the user who mounts can look into it, unless --allow-other is given. Needs \
            libfuse3 and /dev/fuse.
            """)

    @Argument(
        help: ArgumentHelp("An empty directory to mount on.", valueName: "directory"),
        completion: .directory)
    var directory: String

    @Flag(help: "Let other users look into it, as far as owners and modes allow.")
    var allowOther = false

    @OptionGroup var filters: FilterOptions

    @OptionGroup var common: GlobalOptions

    func run(_ console: Console) throws {
        let access = try RepositoryAccess(common.repository)
        let repository = try access.open()
        let filter = filters.filter
        var mount = Mount(path: Places.absolute(directory))
        mount.isForOthers = allowOther
        mount.admits = { filter.admits($0) }
        mount.complain = { Self.tell($0, console) }
        let count = repository.state.snapshots.count(where: filter.admits)
        Interrupts.install()
        try mount.serve(repository) {
            try announce(mount.path, snapshots: count, access.location, console)
        } until: {
            Interrupts.isRequested
        }
        try console.say("unmounted \(Shown.text(mount.path))")
    }

    /// What could not be read while it is mounted.
    private static func tell(_ reason: String, _ console: Console) {
        guard console.isJSON else { return console.warn(Shown.text(reason)) }
        console.complain([
            "message_type": "error", "error": ["message": .text(reason)], "during": .text("mount"),
        ])
    }

    private func announce(
        _ path: String, snapshots count: Int, _ location: String, _ console: Console
    ) throws {
        if console.isJSON {
            try console.emit([
                "message_type": "mounted", "path": .text(path), "repository": .text(location),
                "snapshots": .integer(count),
            ])
        }
        try console.say(
            "mounted \(Amounts.count(count, "snapshot")) of \(Shown.text(location)) on "
                + "\(Shown.text(path)); Ctrl-C unmounts")
        try console.flush()
    }
}
