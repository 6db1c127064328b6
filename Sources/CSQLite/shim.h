#include <sqlite3.h>

// Swift cannot call functions with variable arguments.
static inline int varve_sqlite_keep_wal(sqlite3 *connection, int keeps) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keeps, (int *)0);
}
