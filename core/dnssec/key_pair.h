// A key of a zone as BIND and ldns keep it: the DNSKEY record in one file, the private key in another.
#pragma once

#include <string_view>

#include "crypto/private_key.h"
#include "dnssec/records.h"

namespace zw {

struct KeyPair {
  Name owner;
  std::uint32_t ttl;  // 0: the file says none
  Buffer dnskey;      // RDATA
  PrivateKey key;
  DnskeyView record() const { return *DnskeyView::parse(dnskey); }
};

/// `public_text`: a file of records with exactly one DNSKEY, of a zone. `private_text`: BIND's private-key
/// format. The names are for messages. Fails with `malformed` if either is not that, or if they are not of
/// one key, and with `unsupported` as PrivateKey does.
Result<KeyPair> parse_key_pair(std::string_view public_text, std::string_view public_file,
                               std::string_view private_text, std::string_view private_file);

}  // namespace zw
