// Files that are made once and downloaded often: what there is, and what a request for one gets (RFC 9110).
// Pure: whoever serves them is in download_server.h.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "web/http_fields.h"

namespace zw {

/// One version of a file in all its forms. Immutable and shared: who is sent it keeps it.
struct DownloadFile {
  std::string tag;           // of this version, such as its number: letters, digits, `.`, `_`, `-`
  std::string content_type;  // `text/dns`
  WallTime modified{};       // when this version came to be
  std::array<Buffer, kContentCodings> forms{};  // by coding; empty: there is none. Identity is always there

  const Buffer& form(ContentCoding coding) const { return forms[static_cast<std::size_t>(coding)]; }
  /// The strong entity tag of a form, without quotes: `2026073102`, `2026073102-gzip`, `2026073102-zstd`.
  std::string entity_tag(ContentCoding coding) const;
  std::size_t octets() const;  // of all forms
};
using DownloadFilePtr = std::shared_ptr<const DownloadFile>;

/// A path at which a file is.
struct DownloadPlace {
  std::string label;        // of whom the path was given to; for logs, which never see the path
  std::string subject;      // of what this is a file, for logs
  bool is_public = false;   // caches that others use too may keep it
  DownloadFilePtr file;     // null: not at present
  std::int64_t holder = 0;  // a number of whom the path was given to; 0: he has none
};

/// What there is, by path. Paths may hold secrets: they are kept and looked up as digests, so that neither
/// the time that a look-up takes nor our memory tells them.
class DownloadCatalogue {
 public:
  /// Where else to look for a path, decoded: places that are too many, or change too often, to be added.
  /// Called on threads of a server, several at a time.
  using Elsewhere = std::function<std::optional<DownloadPlace>(std::string_view path)>;
  explicit DownloadCatalogue(Elsewhere elsewhere = nullptr) : elsewhere_(std::move(elsewhere)) {}

  /// `path`: from its slash on, decoded. False if there is such a path already.
  bool add(std::string_view path, DownloadPlace place);
  /// Absent if there is none. What was added comes first.
  std::optional<DownloadPlace> find(std::string_view path) const;

 private:
  using Key = std::array<std::uint8_t, 32>;
  static Key key_of(std::string_view path);
  std::map<Key, DownloadPlace> places_;
  Elsewhere elsewhere_;
};
using DownloadCataloguePtr = std::shared_ptr<const DownloadCatalogue>;

/// The fields of a request that choose; absent if it has none. Several lines of one name are joined by
/// commas.
struct DownloadWish {
  bool is_head = false;
  std::optional<std::string> accept_encoding{}, if_match{}, if_none_match{}, if_modified_since{},
      if_unmodified_since{}, if_range{}, range{};
};

/// What the request gets: 200 or 206 with `body`, or 304, 406, 412 or 416 without.
struct DownloadAnswer {
  unsigned status = 200;
  ContentCoding coding = ContentCoding::identity;
  OctetRange body{};
  friend bool operator==(const DownloadAnswer&, const DownloadAnswer&) = default;
};

/// In the order of RFC 9110 §13.2.2. A date in If-Range is never taken for strong (§8.8.2.2): who has but a
/// date gets the whole file.
DownloadAnswer decide_download(const DownloadWish& wish, const DownloadFile& file);

}  // namespace zw
