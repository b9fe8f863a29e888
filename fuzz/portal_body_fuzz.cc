// Any octets as the JSON body of a request to the portal's API: each is read with its bounds, or complained
// of with a pointer into it.
#include "localroot/portal/api/bodies.h"

using namespace zw;
using namespace zw::localroot::portal;

namespace {

template <typename T>
void judge(const WebTry<T>& read) {
  if (read) return;
  const Problem& problem = read.error();
  ZW_ASSERT(problem.status == 400 || problem.status == 422);
  ZW_ASSERT((problem.status == 422) == problem.pointer.starts_with('#'));
  ZW_ASSERT(!problem.detail.empty() && parse_json(problem.response().body).has_value());
}

void read_all(const WebRequest& request) {
  static const PortalSettings settings;
  judge(read_new_key(request));
  judge(read_new_label(request));
  judge(read_rotation(request));
  judge(read_flag(request, "enabled"));
  judge(read_text(request, "text"));
  auto zone = read_zone_offer(request);
  judge(zone);
  auto server = read_server_body(request, settings);
  judge(server);
  if (!server) return;
  ZW_ASSERT(check_label(server->draft.label).value() == server->draft.label);
  ZW_ASSERT(!server->draft.addresses.empty() && server->draft.addresses.size() <= settings.most_addresses);
  ZW_ASSERT(!server->zones.empty() && server->zones.size() <= settings.most_zones);
  for (const Address& address : server->draft.addresses)
    ZW_ASSERT(check_address(address, server->draft.key.has_value()).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  WebRequest request;
  request.content_type = "application/json";
  request.body = as_text({data, size});
  read_all(request);
  return 0;
}
