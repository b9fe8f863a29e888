#include "crypto/handles.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

namespace zw {

void CryptoFree::operator()(bignum_st* p) const { BN_clear_free(p); }
void CryptoFree::operator()(evp_mac_ctx_st* p) const { EVP_MAC_CTX_free(p); }
void CryptoFree::operator()(evp_md_ctx_st* p) const { EVP_MD_CTX_free(p); }
void CryptoFree::operator()(evp_pkey_ctx_st* p) const { EVP_PKEY_CTX_free(p); }
void CryptoFree::operator()(evp_pkey_st* p) const { EVP_PKEY_free(p); }
void CryptoFree::operator()(ssl_ctx_st* p) const { SSL_CTX_free(p); }
void CryptoFree::operator()(ssl_st* p) const { SSL_free(p); }

}  // namespace zw
