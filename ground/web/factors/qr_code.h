// QR codes (ISO/IEC 18004) as pictures for pages. libqrencode behind it.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace zw {

/// An SVG element that a page may hold as it stands: black on white with the quiet zone around it, no style,
/// no script. `text`: 1 to 1024 octets; fails with `limit`. Error correction: M (15 %).
Result<std::string> qr_svg(Bytes text);

}  // namespace zw
