// ZSTD_CCtx_refPrefix and its kin are stable in practice since 1.4 and marked experimental in 1.5.4.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>
