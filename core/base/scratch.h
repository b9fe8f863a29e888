// Memory for octets that are written before they are read: it is not cleared, so the kernel gives its pages
// only when they are first written to. A buffer for the longest message costs what the messages that come
// need.
#pragma once

#include <memory>

#include "base/bytes.h"

namespace zw {

class Scratch {
 public:
  explicit Scratch(std::size_t octets)
      : octets_(std::make_unique_for_overwrite<std::uint8_t[]>(octets)), size_(octets) {}
  std::uint8_t* begin() const { return octets_.get(); }
  std::uint8_t* end() const { return octets_.get() + size_; }
  std::uint8_t* data() const { return octets_.get(); }
  std::size_t size() const { return size_; }

 private:
  std::unique_ptr<std::uint8_t[]> octets_;
  std::size_t size_;
};

}  // namespace zw
