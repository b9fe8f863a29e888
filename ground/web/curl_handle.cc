#include "web/curl_handle.h"

namespace zw {

CurlHandle::CurlHandle(const char* protocols) : curl_(nullptr, curl_easy_cleanup) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);  // once, whichever thread is first
  if (ready == CURLE_OK) curl_.reset(curl_easy_init());
  if (!curl_) return;
  set(CURLOPT_PROTOCOLS_STR, protocols);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOSIGNAL, 1L);
}

}  // namespace zw
