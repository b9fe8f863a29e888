// The URL by which a server downloads its zones.
#include <algorithm>

#include "localroot/portal/api/call.h"
#include "localroot/portal/api/values.h"
#include "localroot/portal/server_offer.h"

namespace zw::localroot::portal {
namespace {

WebTry<std::string> origin_of(const ApiCall& call) {
  ServiceFactsPtr facts = call.desk.service();
  if (facts->downloads) return *facts->downloads;
  return std::unexpected(Problem(409, "this service has no downloads over HTTPS"));
}

WebResult answer(const ApiCall& call, const PortalDownload& download, bool with_secret, unsigned status) {
  ZW_TRY(std::string origin, origin_of(call));
  ZW_TRY(PortalServer server, call.desk.store.server(call.who.account, call.number()));
  ZW_TRY(auto zones, call.desk.store.zones(std::nullopt));
  SecretBuffer secret = with_secret ? call.desk.store.secret_of(download) : SecretBuffer();
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("made_at", api_time(download.made_at)).key("zones").begin_array();
  for (const PortalZone& zone : zones) {
    bool has =
        std::ranges::find(server.draft.zones, zone.id, &ServerDraft::Zone::zone) != server.draft.zones.end();
    if (!has) continue;
    json.begin_object().member("zone", print(zone.name));
    if (!secret.empty()) json.member("url", download_url(origin, zone.name.view(), as_text(secret)));
    json.end_object();
  }
  json.end_array().end_object();
  return WebResponse::json(std::move(text), status);
}

}  // namespace

WebResult get_download(const ApiCall& call) {
  ZW_TRY(bool with_secrets, call.wants_secrets());
  ZW_TRY(PortalServer server, call.desk.store.server(call.who.account, call.number()));
  if (!server.download) return std::unexpected(Problem(404, "this server has no URL for downloads"));
  return answer(call, *server.download, with_secrets, 200);
}

WebResult make_download(const ApiCall& call) {
  ZW_CHECK(origin_of(call));
  ZW_TRY(PortalDownload made, call.desk.store.make_download(call.act(), call.number()));
  return answer(call, made, call.may(kSecretScope), 201);
}

WebResult delete_download(const ApiCall& call) {
  ZW_CHECK(call.desk.store.delete_download(call.act(), call.number()));
  return WebResponse(204, "");
}

}  // namespace zw::localroot::portal
