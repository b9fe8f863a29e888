// A transfer of libcurl, for the clients of this room; includes libcurl.
#pragma once

#include <curl/curl.h>

#include <memory>

namespace zw {

/// One transfer, with what all of ours have in common: no signals, no proxy that the environment names, and
/// no other protocols than these. For one thread at a time.
class CurlHandle {
 public:
  /// `protocols`: as CURLOPT_PROTOCOLS_STR.
  explicit CurlHandle(const char* protocols);
  /// Whether there was memory for it; if not, nothing else may be called.
  explicit operator bool() const { return curl_ != nullptr; }

  template <typename T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(curl_.get(), option, value);
  }
  template <typename T>
  T info(CURLINFO what) const {
    T value{};
    curl_easy_getinfo(curl_.get(), what, &value);
    return value;
  }
  CURLcode perform() { return curl_easy_perform(curl_.get()); }

 private:
  std::unique_ptr<CURL, void (*)(CURL*)> curl_;
};

}  // namespace zw
