// Keys.
#include <fmt/format.h>

#include <algorithm>

#include "localroot/portal/api/bodies.h"
#include "localroot/portal/api/call.h"
#include "localroot/portal/api/values.h"

namespace zw::localroot::portal {
namespace {

WebResponse answer(const PortalKey& key, bool with_secrets, unsigned status = 200) {
  std::string text;
  JsonWriter json(text);
  write_key(json, key, with_secrets);
  return WebResponse::json(std::move(text), status);
}

Result<PortalKey> find_key(const ApiCall& call) {
  KeyId id = call.number();
  ZW_TRY(auto keys, call.desk.store.keys(call.who.account));
  auto found = std::ranges::find(keys, id, &PortalKey::id);
  if (found == keys.end()) return fail(ErrorKind::not_found, "key {}: there is none", id);
  return std::move(*found);
}

}  // namespace

WebResult list_keys(const ApiCall& call) {
  ZW_TRY(bool with_secrets, call.wants_secrets());
  ZW_TRY(auto keys, call.desk.store.keys(call.who.account));
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("keys").begin_array();
  for (const PortalKey& key : keys) write_key(json, key, with_secrets);
  json.end_array().end_object();
  return WebResponse::json(std::move(text));
}

WebResult add_key(const ApiCall& call) {
  ZW_TRY(NewKey wanted, read_new_key(call.request));
  ZW_TRY(PortalKey key, call.desk.store.add_key(call.act(), wanted));
  WebResponse out = answer(key, call.may(kSecretScope), 201);
  out.field("Location", fmt::format("{}/keys/{}", kApiPrefix, key.id));
  return out;
}

WebResult get_key(const ApiCall& call) {
  ZW_TRY(bool with_secrets, call.wants_secrets());
  ZW_TRY(PortalKey key, find_key(call));
  return answer(key, with_secrets);
}

WebResult rename_key(const ApiCall& call) {
  ZW_TRY(std::string label, read_new_label(call.request));
  ZW_CHECK(call.desk.store.rename_key(call.act(), call.number(), label));
  ZW_TRY(PortalKey key, find_key(call));
  return answer(key, false);
}

WebResult rotate_key(const ApiCall& call) {
  ZW_TRY(Rotation rotation, read_rotation(call.request));
  ZW_TRY(PortalKey key, call.desk.store.rotate_key(call.act(), call.number(), rotation));
  return answer(key, call.may(kSecretScope));
}

WebResult end_rotation(const ApiCall& call) {
  ZW_CHECK(call.desk.store.end_rotation(call.act(), call.number()));
  ZW_TRY(PortalKey key, find_key(call));
  return answer(key, false);
}

WebResult delete_key(const ApiCall& call) {
  ZW_CHECK(call.desk.store.delete_key(call.act(), call.number()));
  return WebResponse(204, "");
}

}  // namespace zw::localroot::portal
