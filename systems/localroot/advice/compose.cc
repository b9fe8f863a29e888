#include "localroot/advice/compose.h"

#include <fmt/format.h>

#include <algorithm>

#include "localroot/advice/root_servers.h"

namespace zw::localroot {
namespace {

constexpr std::size_t kNoteColumn = 44;

void add_public(std::vector<Source>& out) {
  for (const PublicSource& source : public_sources())
    for (std::string_view text : {source.ipv4, source.ipv6})
      out.push_back({{*IpAddress::parse(text), kDnsPort}, false, false, source.id, source.host});
}

}  // namespace

std::vector<Source> sources_of(const Draft& draft, Ours ours) {
  const Offer& offer = draft.offer;
  std::vector<Source> out;
  if (ours == Ours::tls)
    for (const Address& at : offer.tls_servers)
      out.push_back({at, true, true, "localroot", "our service, over TLS"});
  if (ours == Ours::clear)
    for (const Address& at : offer.servers) out.push_back({at, true, false, "localroot", "our service"});
  for (const Address& at : offer.fall_backs)
    out.push_back({at, false, false, "localroot-fall-back", "fall-back"});
  if (draft.is_root() && offer.public_fall_backs) add_public(out);
  return out;
}

Result<Ours> best_ours(const Offer& offer) {
  if (need_tls(offer)) return Ours::tls;
  ZW_CHECK(need_servers(offer));
  return Ours::clear;
}

Result<void> need_servers(const Offer& offer) {
  if (!offer.servers.empty()) return {};
  return fail(ErrorKind::not_found, "there is no address of our service to transfer the zone from");
}

Result<void> need_tls(const Offer& offer) {
  if (!offer.tls_servers.empty() && offer.tls_name) return {};
  return fail(ErrorKind::not_found, "our service offers no transfer over TLS: address and name are needed");
}

Result<void> need_url(const Offer& offer) {
  if (offer.url) return {};
  return fail(ErrorKind::not_found, "{}", offer.no_url);
}

Result<void> need_key(const Offer& offer) {
  if (offer.key) return {};
  return fail(ErrorKind::not_found, "a side-car is of use only with a TSIG key, and there is none");
}

std::string_view secret_of(const OfferedKey& key) {
  return key.secret ? std::string_view(*key.secret) : "(the secret of this key)";
}

std::string key_name(const Offer& offer) { return print(lower(offer.key->name)); }

std::string guard(std::string_view path, std::string_view group) {
  return fmt::format("chgrp {1} {0} && chmod 640 {0} && ", path, group);
}

std::string guard_key(const Offer& offer, std::string_view path, std::string_view group) {
  return offer.key && offer.key->secret ? guard(path, group) : "";
}

std::string copy_path(const Draft& draft, std::string_view standard) {
  return fmt::format("{}/{}", draft.offer.folder ? std::string_view(*draft.offer.folder) : standard,
                     draft.file_name);
}

std::string anchor_path(const Offer& offer) { return offer.anchor_file.value_or("/usr/share/dns/root.key"); }

std::vector<IpAddress> our_addresses(const Offer& offer) {
  std::vector<IpAddress> out;
  for (auto* list : {&offer.servers, &offer.tls_servers})
    for (const Address& at : *list)
      if (std::find(out.begin(), out.end(), at.ip) == out.end()) out.push_back(at.ip);
  return out;
}

const IpAddress* subscriber_of(const Offer& offer, bool v4) {
  for (const IpAddress& ip : offer.subscriber)
    if (ip.is_v4() == v4) return &ip;
  return nullptr;
}

std::vector<IpAddress> side_car_addresses(const Offer& offer) {
  std::vector<IpAddress> out{*IpAddress::parse("127.0.0.1")};
  out.insert(out.end(), offer.subscriber.begin(), offer.subscriber.end());
  return out;
}

std::string at_port(const Address& address, std::uint16_t standard) {
  return address.port == standard ? address.ip.print() : address.print();
}

std::string colon_port(const Address& address) {
  return fmt::format(fmt::runtime(address.ip.is_v4() ? "{}:{}" : "[{}]:{}"), address.ip.print(),
                     address.port);
}

void append_noted(std::string& out, std::string_view text, std::string_view note) {
  if (note.empty())
    out += text;
  else
    out += fmt::format("{:<{}}  # {}", text, kNoteColumn, note);
  out += '\n';
}

std::string head_of(const Draft& draft, std::string_view path, std::string_view sentence,
                    std::string_view activate, std::string_view mark) {
  std::string lines = fmt::format("{}{}\nFile: {}\n", draft.header, sentence, path);
  if (!activate.empty()) lines += fmt::format("Then: {}\n", activate);
  std::string out;
  for (std::size_t begin = 0; begin < lines.size();) {
    std::size_t end = lines.find('\n', begin);
    out += fmt::format("{} {}\n", mark, std::string_view(lines).substr(begin, end - begin));
    begin = end + 1;
  }
  return out + '\n';
}

}  // namespace zw::localroot
