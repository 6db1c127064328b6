// Everything that is used of zlib can be called from Swift as it is.
#include <zlib.h>
