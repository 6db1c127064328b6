#include <curl/curl.h>

// libcurl is loaded when the first request is made (see VarveHTTP/CurlLibrary.swift), so what is
// called here is what was found then. Swift cannot call functions with variable arguments.
typedef CURLcode (*varve_curl_setopt)(CURL *, CURLoption, ...);

static inline CURLcode varve_curl_set_number(
    void *setopt, CURL *handle, CURLoption option, long value) {
    return ((varve_curl_setopt)setopt)(handle, option, value);
}

static inline CURLcode varve_curl_set_size(
    void *setopt, CURL *handle, CURLoption option, curl_off_t value) {
    return ((varve_curl_setopt)setopt)(handle, option, value);
}

static inline CURLcode varve_curl_set_pointer(
    void *setopt, CURL *handle, CURLoption option, const void *value) {
    return ((varve_curl_setopt)setopt)(handle, option, value);
}

static inline CURLcode varve_curl_set_transfer(
    void *setopt, CURL *handle, CURLoption option,
    size_t (*function)(char *, size_t, size_t, void *)) {
    return ((varve_curl_setopt)setopt)(handle, option, function);
}
