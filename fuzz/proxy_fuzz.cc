// What proxies, and those before them, write into X-Forwarded-For and Forwarded: whatever it is, the client
// is an address that stands there, or the proxy; and what stands before the proxy's own words changes
// nothing.
#include "web/site/client_address.h"

using namespace zw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = as_text({data, size});
  static const IpAddress proxy = *IpAddress::parse("192.0.2.1"), client = *IpAddress::parse("198.51.100.7"),
                         stranger = *IpAddress::parse("203.0.113.1");
  for (ProxyField field : {ProxyField::x_forwarded_for, ProxyField::forwarded}) {
    const ProxyTrust trust{{Network(proxy, 24)}, field};
    ZW_ASSERT(client_behind(stranger, text, trust) == stranger);
    IpAddress found = client_behind(proxy, text, trust);
    ZW_ASSERT(found == proxy || !trust.trusts(found));
    std::string behind =
        std::string(text) + (field == ProxyField::forwarded ? ", for=" : ", ") + client.print();
    ZW_ASSERT(client_behind(proxy, behind, trust) == client);
  }
  return 0;
}
