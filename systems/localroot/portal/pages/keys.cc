// TSIG keys: make, look at, rename, rotate, delete. A secret is shown where it is made, and never again but
// in configurations that ask for it.
#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "localroot/portal/pages/visit.h"
#include "localroot/portal/pages/words.h"

namespace zw::localroot::portal {
namespace {

constexpr std::array kAlgorithms{TsigAlgorithm::hmac_sha256, TsigAlgorithm::hmac_sha384,
                                 TsigAlgorithm::hmac_sha512};
struct Overlap {
  std::string_view value, words;
  Seconds time;
};
constexpr std::array kOverlaps{
    Overlap{"7", "for a week", Seconds(7 * 86'400)}, Overlap{"1", "for a day", Seconds(86'400)},
    Overlap{"30", "for 30 days", Seconds(30 * 86'400)}, Overlap{"0", "not at all", Seconds(0)}};

std::optional<TsigAlgorithm> algorithm_of(std::string_view text) {
  auto found = parse_tsig_algorithm(text);
  bool known = found && std::ranges::find(kAlgorithms, *found) != kAlgorithms.end();
  return known ? found : std::nullopt;
}

PageData::List algorithm_options(TsigAlgorithm chosen) {
  PageData::List out;
  for (TsigAlgorithm one : kAlgorithms)
    out.push_back(option(std::string(print(one)), std::string(print(one)), one == chosen));
  return out;
}

Result<PortalKey> find_key(const Visit& visit) {
  ZW_TRY(auto keys, visit.desk.store.keys(visit.account()));
  auto at = std::ranges::find(keys, visit.number(), &PortalKey::id);
  if (at == keys.end()) return fail(ErrorKind::not_found, "there is no such key");
  return std::move(*at);
}

std::string path_of(const PortalKey& key) { return fmt::format("/keys/{}", key.id); }

WebResponse list(const Visit& visit) {
  auto keys = visit.desk.store.keys(visit.account());
  if (!keys) return visit.problem(keys.error());
  PageData::List rows;
  for (const PortalKey& key : *keys) {
    PageData row;
    row.number("id", key.id).text("label", key.label).text("name", key.secrets.front().name);
    row.text("algorithm", std::string(print(key.secrets.front().algorithm)));
    row.text("made", print_moment(key.made_at)).flag("is_rotating", key.secrets.size() > 1);
    row.text("users", key.servers > 0 ? print_count(key.servers, "server", "servers") : "none");
    rows.push_back(std::move(row));
  }
  PageData data;
  data.flag("any", !rows.empty()).list("keys", std::move(rows));
  return visit.page("keys", std::move(data), "Keys");
}

WebResponse show_new(const Visit& visit, const FormFaults& faults) {
  PageData data;
  data.part("make", visit.form("/keys/new")).text("label", std::string(visit.field("label")));
  data.list("algorithms",
            algorithm_options(algorithm_of(visit.field("algorithm")).value_or(kAlgorithms.front())));
  return visit.page("key-new", std::move(data), "Make a key", faults, true);
}
WebResponse show_new(const Visit& visit) { return show_new(visit, {}); }

/// With the secret, which is not shown again.
WebResponse made(const Visit& visit, const PortalKey& key, bool is_rotated) {
  const PortalSecret& secret = key.secrets.front();
  PageData data;
  data.number("id", key.id).text("label", key.label).text("name", secret.name);
  data.text("algorithm", std::string(print(secret.algorithm))).text("secret", base64(secret.value));
  data.text("pasted", fmt::format("{}:{}:{}", print(secret.algorithm), secret.name, base64(secret.value)));
  data.flag("is_rotated", is_rotated);
  if (key.secrets.size() > 1 && key.secrets.back().ends_at)
    data.text("older_until", print_moment(*key.secrets.back().ends_at));
  return visit.page("key-made", std::move(data), is_rotated ? "The key has a new secret" : "The key is made");
}

WebResponse make(const Visit& visit) {
  auto algorithm = algorithm_of(visit.field("algorithm"));
  if (!algorithm) return show_new(visit, {{"algorithm", "Choose one of these."}});
  OwnAct own(visit);
  auto key = visit.desk.store.add_key(own.act, {std::string(visit.field("label")), *algorithm});
  if (key) return made(visit, *key, false);
  if (auto words = mendable(key.error()))
    return show_new(visit, {{key.error().kind == ErrorKind::limit ? "" : "label", *words}});
  return visit.problem(key.error());
}

PageData secret_row(const PortalSecret& secret) {
  PageData row;
  row.text("name", secret.name).text("algorithm", std::string(print(secret.algorithm)));
  row.text("made", print_moment(secret.made_at));
  if (secret.ends_at) row.text("until", print_moment(*secret.ends_at));
  return row;
}

Result<PageData::List> users_of(const Visit& visit, const PortalKey& key) {
  PageData::List out;
  if (key.servers == 0) return out;
  auto most = static_cast<std::int64_t>(visit.desk.store.settings().most_servers);
  ZW_TRY(auto servers, visit.desk.store.servers(visit.account(), 0, most));
  for (const ServerSummary& server : servers) {
    if (server.key != key.id) continue;
    PageData row;
    row.number("id", server.id).text("label", server.label);
    add_tag(row, tag_of(server));
    out.push_back(std::move(row));
  }
  return out;
}

WebResponse show(const Visit& visit, const FormFaults& faults) {
  auto key = find_key(visit);
  if (!key) return visit.problem(key.error());
  auto users = users_of(visit, *key);
  if (!users) return visit.problem(users.error());
  std::string path = path_of(*key);
  PageData data;
  data.number("id", key->id).text("label", key->label).flag("is_used", !users->empty());
  bool is_typed = visit.request.form.find("label").has_value();
  data.text("typed", is_typed ? std::string(visit.field("label")) : key->label);
  data.list("users", std::move(*users));
  PageData::List secrets, overlaps;
  for (const PortalSecret& secret : key->secrets) secrets.push_back(secret_row(secret));
  for (const Overlap& one : kOverlaps)
    overlaps.push_back(option(std::string(one.value), std::string(one.words), &one == kOverlaps.data()));
  data.list("secrets", std::move(secrets)).part("rename", visit.form(path + "/rename"));
  if (key->secrets.size() > 1) {
    data.part("end", visit.form(path + "/end-rotation"));
  } else {
    PageData rotate = visit.form(path + "/rotate");
    rotate.list("algorithms", algorithm_options(key->secrets.front().algorithm));
    rotate.list("overlaps", std::move(overlaps));
    data.part("rotate", std::move(rotate));
  }
  return visit.page("key", std::move(data), key->label, faults);
}
WebResponse show(const Visit& visit) { return show(visit, {}); }

/// To the key's page with a notice, or what was wrong with what was typed into `field` there.
WebResponse after(const Visit& visit, const Result<void>& done, std::string_view word,
                  std::string field = {}) {
  if (done) return visit.done(fmt::format("/keys/{}", visit.number()), word);
  if (auto words = mendable(done.error())) return show(visit, {{std::move(field), *words}});
  return visit.problem(done.error());
}

WebResponse rename(const Visit& visit) {
  OwnAct own(visit);
  return after(visit, visit.desk.store.rename_key(own.act, visit.number(), visit.field("label")),
               "key-renamed", "label");
}

WebResponse rotate(const Visit& visit) {
  auto algorithm = algorithm_of(visit.field("algorithm"));
  auto overlap = std::ranges::find(kOverlaps, visit.field("overlap"), &Overlap::value);
  if (!algorithm || overlap == kOverlaps.end()) return show(visit, {{"", "Choose what is offered."}});
  OwnAct own(visit);
  auto key = visit.desk.store.rotate_key(own.act, visit.number(), {algorithm, overlap->time});
  if (key && overlap->time == Seconds(0)) {
    if (auto ended = visit.desk.store.end_rotation(own.act, key->id); !ended)
      return visit.problem(ended.error());
    key->secrets.resize(1);
  }
  if (key) return made(visit, *key, true);
  if (auto words = mendable(key.error())) return show(visit, {{"", *words}});
  return visit.problem(key.error());
}

WebResponse end_rotation(const Visit& visit) {
  OwnAct own(visit);
  return after(visit, visit.desk.store.end_rotation(own.act, visit.number()), "key-rotation-ended");
}

WebResponse show_delete(const Visit& visit, const FormFaults& faults) {
  auto key = find_key(visit);
  if (!key) return visit.problem(key.error());
  auto users = users_of(visit, *key);
  if (!users) return visit.problem(users.error());
  PageData data;
  data.number("id", key->id).text("label", key->label).flag("is_used", !users->empty());
  data.list("users", std::move(*users));
  if (key->servers == 0) data.part("delete", visit.form(path_of(*key) + "/delete"));
  return visit.page("key-delete", std::move(data), "Delete a key", faults, true);
}
WebResponse show_delete(const Visit& visit) { return show_delete(visit, {}); }

WebResponse remove(const Visit& visit) {
  OwnAct own(visit);
  auto gone = visit.desk.store.delete_key(own.act, visit.number());
  if (gone) return visit.done("/keys", "key-deleted");
  if (auto words = mendable(gone.error())) return show_delete(visit, {{"", *words}});
  return visit.problem(gone.error());
}

}  // namespace

void add_key_pages(PageRoutes& routes) {
  routes.own(WebMethod::get, "/keys", list);
  routes.own(WebMethod::get, "/keys/new", show_new);
  routes.own(WebMethod::post, "/keys/new", make);
  routes.own(WebMethod::get, "/keys/{key}", show);
  routes.own(WebMethod::post, "/keys/{key}/rename", rename);
  routes.own(WebMethod::post, "/keys/{key}/rotate", rotate);
  routes.own(WebMethod::post, "/keys/{key}/end-rotation", end_rotation);
  routes.own(WebMethod::get, "/keys/{key}/delete", show_delete);
  routes.own(WebMethod::post, "/keys/{key}/delete", remove);
}

}  // namespace zw::localroot::portal
