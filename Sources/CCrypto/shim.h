#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/sha.h>

// The direct SHA-256 functions cost half of what EVP costs for a small message, allocate nothing
// and cannot fail; OpenSSL 3 marks them deprecated, so the mark is lifted here and nowhere else.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static inline void varve_sha256_init(SHA256_CTX *context) { SHA256_Init(context); }
static inline void varve_sha256_update(SHA256_CTX *context, const void *bytes, size_t count) {
    SHA256_Update(context, bytes, count);
}
static inline void varve_sha256_final(SHA256_CTX *context, void *digest) {
    SHA256_Final((unsigned char *)digest, context);
}
#pragma GCC diagnostic pop
