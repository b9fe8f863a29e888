// Owners of OpenSSL's objects, usable without its headers: no room but this one includes OpenSSL.
#pragma once

#include <memory>

struct bignum_st;
struct evp_mac_ctx_st;
struct evp_md_ctx_st;
struct evp_pkey_ctx_st;
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;

namespace zw {

struct CryptoFree {
  void operator()(bignum_st*) const;  // wiped first
  void operator()(evp_mac_ctx_st*) const;
  void operator()(evp_md_ctx_st*) const;
  void operator()(evp_pkey_ctx_st*) const;
  void operator()(evp_pkey_st*) const;
  void operator()(ssl_ctx_st*) const;
  void operator()(ssl_st*) const;
};

using MacContext = std::unique_ptr<evp_mac_ctx_st, CryptoFree>;
using DigestContext = std::unique_ptr<evp_md_ctx_st, CryptoFree>;
using KeyContext = std::unique_ptr<evp_pkey_ctx_st, CryptoFree>;
using KeyHandle = std::unique_ptr<evp_pkey_st, CryptoFree>;
using TlsContextHandle = std::unique_ptr<ssl_ctx_st, CryptoFree>;
using TlsHandle = std::unique_ptr<ssl_st, CryptoFree>;
using BigNumber = std::unique_ptr<bignum_st, CryptoFree>;

}  // namespace zw
