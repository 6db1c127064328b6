#include <postgresql/libpq-fe.h>

// libpq is loaded when the first connection is made (see VarveSources/Postgres/PostgresLibrary.swift),
// so only types and constants are used of its header.
