// What Swift cannot call by itself: variadic calls, macros, and calls that the C library declares
// only under _GNU_SOURCE. Each function here is one call; what its answer means is said in Swift.
#ifndef VARVE_SYSTEM_SHIM_H
#define VARVE_SYSTEM_SHIM_H

#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

// Values that the headers hide without _GNU_SOURCE; those that differ by machine are not here.
static const int varve_open_without_atime = 01000000;   // O_NOATIME
static const int varve_open_path = 010000000;            // O_PATH
static const int varve_at_empty_path = 0x1000;          // AT_EMPTY_PATH
static const int varve_seek_data = 3;                   // SEEK_DATA
static const int varve_seek_hole = 4;                   // SEEK_HOLE
static const uint64_t varve_mount_root = 0x2000;        // STATX_ATTR_MOUNT_ROOT
static const long varve_time_omit = (1l << 30) - 2;     // UTIME_OMIT

static inline int varve_statx(int directory, const char *path, int flags, struct statx *status) {
    return (int)syscall(SYS_statx, directory, path, flags, STATX_BASIC_STATS, status);
}

static inline long varve_getdents(int directory, void *buffer, unsigned long size) {
    return syscall(SYS_getdents64, directory, buffer, size);
}

// Opens below `directory` only: no component may be a symbolic link or lead out of it.
static inline int varve_open_beneath(int directory, const char *path, int flags) {
    struct open_how how = {
        .flags = (uint64_t)flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

// Whether another open file, of whatever process, has a lock on one byte; -1 for an error.
static inline int varve_is_locked(int descriptor, off_t byte) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    int answer = fcntl(descriptor, 36 /* F_OFD_GETLK */, &lock);
    return answer < 0 ? answer : lock.l_type != F_UNLCK;
}

static inline int varve_sync_file_system(int descriptor) {
    return (int)syscall(SYS_syncfs, descriptor);
}

static inline int varve_pipe(int ends[2]) {
    return (int)syscall(SYS_pipe2, ends, O_CLOEXEC);
}

static inline int varve_pipe_size(int descriptor, int bytes) {
    return fcntl(descriptor, 1031 /* F_SETPIPE_SZ */, bytes);
}

static inline int varve_columns(int descriptor) {
    struct winsize size = {0};
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : -1;
}

static inline int varve_name_thread(const char *name) {
    return prctl(PR_SET_NAME, name, 0, 0, 0);
}

static inline uint64_t varve_device(uint32_t major, uint32_t minor) {
    return ((uint64_t)(major & 0xfffff000u) << 32) | ((uint64_t)(major & 0xfffu) << 8)
        | ((uint64_t)(minor & 0xffffff00u) << 12) | (minor & 0xffu);
}

// The C library hands every constructor what main gets. Swift itself reads /proc/self/cmdline, which
// is not everywhere.
static int varve_kept_count = 0;
static char **varve_kept_words = 0;

__attribute__((constructor)) static void varve_keep_words(int count, char **words) {
    varve_kept_count = count;
    varve_kept_words = words;
}

static inline int varve_word_count(void) {
    (void)varve_keep_words;  // Swift compiles only what it finds in use.
    return varve_kept_count;
}

// Nil behind the last one.
static inline const char *varve_word(int index) {
    return index < varve_word_count() ? varve_kept_words[index] : 0;
}

static inline void varve_handle(int number, void (*handler)(int), int flags) {
    struct sigaction action = {0};
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, 0);
}

#endif
