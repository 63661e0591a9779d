#include <curl/curl.h>

/* Swift cannot call functions with variable arguments. */

typedef size_t (*segops_curl_write)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode segops_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode segops_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode segops_curl_set_write(CURL *handle, CURLoption option, segops_curl_write value) {
    return curl_easy_setopt(handle, option, value);
}

static inline long segops_curl_status(CURL *handle) {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* The result of the only transfer, or -1 while there is none. */
static inline int segops_curl_result(CURLM *multi) {
    int left = 0;
    CURLMsg *message = curl_multi_info_read(multi, &left);
    return message != NULL && message->msg == CURLMSG_DONE ? (int)message->data.result : -1;
}
