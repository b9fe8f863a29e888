// zonewright itself: follows, verifies whole, and hands on.
#include <fmt/format.h>

#include "localroot/advice/compose.h"

namespace zw::localroot {
namespace {

std::string listeners(const Offer& offer) {
  std::string out = "\"127.0.0.1\"";
  for (const IpAddress& own : offer.subscriber) out += fmt::format(", \"{}\"", own.print());
  return out;
}

std::string source_of(const Offer& offer) {
  std::string out;
  for (const IpAddress& own : offer.subscriber)
    out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", own.print());
  return out;
}

}  // namespace

Result<Advice> compose_zonewright(const Draft& draft) {
  const Offer& offer = draft.offer;
  ZW_TRY(Ours ours, best_ours(offer));
  Advice out;
  out.activate =
      guard_key(offer, "/etc/zonewright/localroot.toml", "zonewright") +
      "zonewright localroot serve --check-config --config /etc/zonewright/localroot.toml && systemctl "
      "restart zonewright-localroot";
  AdviceFile& file = out.files.emplace_back("/etc/zonewright/localroot.toml", "");
  std::string& text = file.text;
  text =
      head_of(draft, file.path,
              fmt::format("Follows {} by zonewright localroot, which verifies each version whole and hands "
                          "it on.",
                          draft.zone_words),
              out.activate);
  text += fmt::format("state = \"{}\"\n", offer.folder.value_or("/var/lib/zonewright-localroot"));
  append_noted(text, fmt::format("listen = [{}]", listeners(offer)),
               "for queries, and NOTIFY from our service");
  if (!offer.subscriber.empty())
    append_noted(text, fmt::format("source = [{}]", source_of(offer)), "our service knows you by it");
  if (offer.key) {
    text += "\n# Signs what is exchanged with our service.\n[[key]]\n";
    text += fmt::format("name = \"{}\"\nalgorithm = \"{}\"\nsecret = \"{}\"\n", key_name(offer),
                        print(offer.key->algorithm), secret_of(*offer.key));
  }
  text += fmt::format("\n[[zone]]\nname = \"{}\"\nanchor = \"{}\"\n", draft.zone, anchor_path(offer));
  if (!offer.zonemd) text += "require-zonemd = false\n";
  text += "\n# Asked in this order; their NOTIFY is taken.\n";
  for (const Source& source : sources_of(draft, ours)) {
    append_noted(text, "[[zone.primary]]", source.note);
    text += fmt::format("address = \"{}\"\n", source.tls ? source.at.print() : at_port(source.at));
    if (source.ours && offer.key) text += fmt::format("key = \"{}\"\n", key_name(offer));
    if (source.tls)
      text += fmt::format("tls-name = \"{}\"\ntls-ca = \"{}\"\n", *offer.tls_name, offer.tls_authorities);
  }
  text += "\n# Resolvers on this host.\n[[zone.allow-transfer]]\nfrom = \"127.0.0.0/8\"\n";
  return out;
}

}  // namespace zw::localroot
