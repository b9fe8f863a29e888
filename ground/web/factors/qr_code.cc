#include "web/factors/qr_code.h"

#include <fmt/format.h>
#include <qrencode.h>

#include <memory>

namespace zw {
namespace {

constexpr int kQuietZone = 4;  // modules, ISO/IEC 18004 §5.3.8
constexpr std::size_t kMostOctets = 1024;

/// A rectangle for each run of dark modules in a row.
std::string path_of(const QRcode& code) {
  std::string path;
  auto dark = [&](int x, int y) { return x < code.width && (code.data[y * code.width + x] & 1); };
  for (int y = 0; y < code.width; ++y)
    for (int x = 0; x < code.width; ++x) {
      int begin = x;
      while (dark(x, y)) ++x;
      if (x > begin)
        fmt::format_to(std::back_inserter(path), "M{} {}h{}v1h-{}z", begin, y, x - begin, x - begin);
    }
  return path;
}

}  // namespace

Result<std::string> qr_svg(Bytes text) {
  if (text.empty() || text.size() > kMostOctets)
    return fail(ErrorKind::limit, "QR code of {} octets, expected 1 to {}", text.size(), kMostOctets);
  std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeData(static_cast<int>(text.size()), text.data(), 0, QR_ECLEVEL_M), &QRcode_free);
  if (!code) return fail(ErrorKind::io, "QR code of {} octets: no memory", text.size());
  int side = code->width + 2 * kQuietZone;
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="{0} {0} {1} {1}" shape-rendering="crispEdges" role="img">)"
      R"(<rect x="{0}" y="{0}" width="{1}" height="{1}" fill="#fff"/><path d="{2}" fill="#000"/></svg>)",
      -kQuietZone, side, path_of(*code));
}

}  // namespace zw
