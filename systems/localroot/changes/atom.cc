#include "localroot/changes/atom.h"

#include "crypto/digest.h"
#include "format/utf8.h"

namespace zw::localroot {
namespace {

// A UUID made of the octets of a digest, so that the same thing always has the same one (RFC 9562 §5.8).
std::string uuid_of(std::string_view what) {
  Digest digest = zw::digest(DigestAlgorithm::sha256, as_bytes(what));
  Buffer octets(digest.bytes().begin(), digest.bytes().begin() + 16);
  octets[6] = static_cast<std::uint8_t>(0x80 | (octets[6] & 0x0f));
  octets[8] = static_cast<std::uint8_t>(0x80 | (octets[8] & 0x3f));
  std::string out = "urn:uuid:";
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out += fmt::format("{:02x}", octets[i]);
  }
  return out;
}

bool is_xml(char32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
         c >= 0x10000;
}

class AtomWriter {
 public:
  explicit AtomWriter(const AtomPage& page) : page_(page) {}

  std::string write() {
    out_ = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"";
    out_ += " xmlns:fh=\"http://purl.org/syndication/history/1.0\">\n";
    element("id", uuid_of(feed_id()));
    element("title", "Changes of the zone " + print(page_.zone));
    element("updated", print_time(page_.updated));
    out_ += "<author><name>zonewright</name></author>\n";
    link("self", page_.self, "application/atom+xml");
    link("alternate", page_.lines, "application/jsonl");
    if (page_.is_archive) {
      out_ += "<fh:archive/>\n";
      link("current", page_.current, "application/atom+xml");
      link("next-archive", page_.next_archive, "application/atom+xml");
    }
    link("prev-archive", page_.previous_archive, "application/atom+xml");
    for (const AtomEntry& each : page_.entries) entry(each);
    return std::move(out_) + "</feed>\n";
  }

 private:
  std::string feed_id() const {
    return fmt::format("changes\n{}\n{}", page_.authority, print(lower(page_.zone)));
  }

  void entry(const AtomEntry& entry) {
    const ChangeVersion& version = entry.version;
    std::string when = print_time(version.published_at);
    out_ += "<entry>\n";
    element("id",
            uuid_of(fmt::format("{}\n{}\n{}\n{}", feed_id(), version.entry, version.serial.value(), when)));
    element("title", print_heading(version));
    element("published", when);
    element("updated", when);
    if (!page_.lines.empty())
      link("alternate", fmt::format("{}?from={}", page_.lines, version.entry), "application/jsonl");
    if (version.signatures_only()) out_ += "<category term=\"signatures-only\"/>\n";
    out_ += "<content type=\"text\">";
    append_xml(out_, content(entry));
    out_ += "</content>\n</entry>\n";
  }

  static std::string content(const AtomEntry& entry) {
    const ChangeVersion& version = entry.version;
    std::string out = print_heading(version) + "\n";
    if (version.previous)
      out += fmt::format("Of what each signing changes, {} removed and {} added.\n", version.signing.removed,
                         version.signing.added);
    if (!version.digest.empty()) out += fmt::format("{} {}\n", version.digest_kind, version.digest);
    out += entry.text;
    if (!entry.is_whole) out += "... and more\n";
    return out;
  }

  void element(std::string_view name, std::string_view text) {
    out_ += fmt::format("<{}>", name);
    append_xml(out_, text);
    out_ += fmt::format("</{}>\n", name);
  }
  void link(std::string_view relation, std::string_view to, std::string_view type) {
    if (to.empty()) return;
    out_ += fmt::format("<link rel=\"{}\" type=\"{}\" href=\"", relation, type);
    append_xml(out_, to);
    out_ += "\"/>\n";
  }

  const AtomPage& page_;
  std::string out_;
};

}  // namespace

void append_xml(std::string& out, std::string_view text) {
  while (!text.empty()) {
    Utf8Step step = first_point(text);
    char32_t c = step.point && is_xml(*step.point) ? *step.point : 0xfffd;
    text.remove_prefix(step.octets);
    bool plain = c < 0x7f && (c >= 0x20 || c == '\n') && c != '&' && c != '<' && c != '>' && c != '"';
    if (plain)
      out.push_back(static_cast<char>(c));
    else
      out += fmt::format("&#{};", static_cast<std::uint32_t>(c));
  }
}

std::string print_atom(const AtomPage& page) { return AtomWriter(page).write(); }

}  // namespace zw::localroot
