// Which serial the next version of a zone has. It is always newer (RFC 1982), whatever clocks and people do.
#pragma once

#include "base/serial.h"
#include "base/time.h"

namespace zw {

enum class SerialPolicy : std::uint8_t {
  increment,  // the next number
  unixtime,   // seconds since 1970
  date,       // YYYYMMDDnn (RFC 1912 §2.2), with nn from 00
};

/// What the policy says, or the next number after `current` if that would not be newer.
Serial next_serial(Serial current, SerialPolicy policy, WallTime now);

}  // namespace zw
