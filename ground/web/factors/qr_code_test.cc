#include "web/factors/qr_code.h"

#include <doctest/doctest.h>

using namespace zw;

TEST_CASE("a short text is a picture of 21 modules and the quiet zone, with its three corners") {
  std::string svg = qr_svg(as_bytes("zonewright")).value();
  CHECK(svg.find(R"(viewBox="-4 -4 29 29")") != svg.npos);
  CHECK(svg.find("M0 0h7v1h-7z") != svg.npos);
  CHECK(svg.find("M14 0h7v1h-7z") != svg.npos);
  CHECK(svg.find("M0 20h7v1h-7z") != svg.npos);
  CHECK(svg.find("style") == svg.npos);
}

TEST_CASE("a text that is empty or too long makes no picture") {
  CHECK(qr_svg({}).error().kind == ErrorKind::limit);
  CHECK(qr_svg(Buffer(1025)).error().kind == ErrorKind::limit);
  CHECK(qr_svg(Buffer(1024, 0xff)));
}
