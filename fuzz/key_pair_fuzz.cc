// Key files as BIND and ldns keep them: the record and the private key, behind one another in the input with
// an octet of zero between. What is read is one key, and prints as itself.
#include "base/result.h"
#include "dns/rdata.h"
#include "dnssec/key_pair.h"

using namespace zw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = as_text({data, size});
  std::string_view public_text = text.substr(0, text.find('\0'));
  std::string_view private_text = text.substr(std::min(public_text.size() + 1, text.size()));
  auto pair = parse_key_pair(public_text, "K.key", private_text, "K.private");
  if (!pair) {
    ZW_ASSERT(pair.error().what.find("K.") != std::string::npos);
    return 0;
  }
  SecretBuffer printed = pair->key.print_bind();
  std::string record = print(pair->owner) + " IN DNSKEY " + print_rdata(RrType::DNSKEY, pair->dnskey) + "\n";
  auto again = parse_key_pair(record, "K.key", as_text(printed), "K.private");
  ZW_ASSERT(again && again->dnskey == pair->dnskey);
  return 0;
}
