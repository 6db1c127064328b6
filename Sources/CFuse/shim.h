#define FUSE_USE_VERSION 35
#include <fuse3/fuse_lowlevel.h>

#include <stdarg.h>
#include <stdio.h>

// libfuse is loaded when something is mounted (see VarveMount/Fuse/FuseLibrary.swift), so only types and
// constants are used of its header, and what is called here is what was found then.

// Swift cannot take a list of arguments.
static void (*varve_fuse_line)(const char *) = 0;

static void varve_fuse_log(enum fuse_log_level level, const char *format, va_list arguments) {
    char line[512];
    (void)level;
    if (varve_fuse_line && vsnprintf(line, sizeof line, format, arguments) > 0)
        varve_fuse_line(line);
}

// `store` is `fuse_lowlevel_notify_store`; all bytes of a file, whose number the kernel knows.
static inline int varve_fuse_store(
    void *store, struct fuse_session *session, fuse_ino_t number, const void *bytes, size_t count) {
    struct fuse_bufvec vector = FUSE_BUFVEC_INIT(count);
    vector.buf[0].mem = (void *)bytes;
    return ((int (*)(struct fuse_session *, fuse_ino_t, off_t, struct fuse_bufvec *,
        enum fuse_buf_copy_flags))store)(session, number, 0, &vector, (enum fuse_buf_copy_flags)0);
}

// `set` is `fuse_set_log_func`.
static inline void varve_fuse_take_log(void *set, void (*line)(const char *)) {
    varve_fuse_line = line;
    ((void (*)(fuse_log_func_t))set)(varve_fuse_log);
}
