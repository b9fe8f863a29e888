// Secret URLs of servers: the part of PortalStore that makes and removes them.
#include "base/encoding.h"
#include "crypto/hmac.h"
#include "localroot/portal/access.h"
#include "localroot/portal/rows.h"
#include "localroot/portal/statements.h"

namespace zw::localroot::portal {
namespace {

constexpr std::size_t kSeedOctets = 16, kSecretOctets = 20;  // of which 32 letters and digits are made

}  // namespace

Result<std::optional<PortalDownload>> read_download(Transaction& tx, ServerId server) {
  return tx.first(kOneDownload, {server}, [](const Row& row) {
    return PortalDownload{row.get<DownloadId>(0), row.get<Buffer>(1), row.get<Timestamp>(2),
                          row.get<Buffer>(3)};
  });
}

SecretBuffer PortalStore::secret_of(const PortalDownload& download) const {
  if (settings_.download_key.empty()) return {};
  auto hmac = Hmac::make(HmacAlgorithm::sha256, settings_.download_key);
  ZW_ASSERT(hmac.has_value());
  hmac->update(download.seed);
  Buffer code = hmac->finish();
  std::string text = base32hex(Bytes(code).first(kSecretOctets));
  SecretBuffer out(text.begin(), text.end());
  // With another key of the site than it was made with, it would be one that no engine knows.
  if (!download.hash.empty() && !same_bytes(DownloadHash::of(text).octets, download.hash)) out.clear();
  wipe(code);
  wipe(MutableBytes(reinterpret_cast<std::uint8_t*>(text.data()), text.size()));
  return out;
}

Result<PortalDownload> PortalStore::make_download(const Act& act, ServerId server) {
  if (settings_.download_key.empty())
    return fail(ErrorKind::unsupported, "this service has no downloads over HTTPS");
  return database_.write([&](Transaction& tx) -> Result<PortalDownload> {
    ZW_CHECK(read_server(tx, act.account, server));
    ChangeNumber change(tx);
    ZW_TRY(bool is_another, drop_download(tx, change, server));
    PortalDownload made;
    made.seed.resize(kSeedOctets);
    database_.fill_random(made.seed);
    DownloadHash hash = DownloadHash::of(as_text(secret_of(made)));
    ZW_TRY(std::int64_t number, change.get());
    ZW_CHECK(tx.run(kAddDownload, {server, Bytes(made.seed), Bytes(hash.octets), tx.now(), number}));
    ZW_TRY(auto kept, read_download(tx, server));
    ZW_CHECK(note(tx, act, is_another ? "server.download-again" : "server.download", "server", server));
    return std::move(*kept);
  });
}

Result<void> PortalStore::delete_download(const Act& act, ServerId server) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_CHECK(read_server(tx, act.account, server));
    ChangeNumber change(tx);
    ZW_TRY(bool had, drop_download(tx, change, server));
    if (!had) return fail(ErrorKind::not_found, "server {}: it has no URL for downloads", server);
    return note(tx, act, "server.download-end", "server", server);
  });
}

}  // namespace zw::localroot::portal
