// Gathers text or octets and hands them out in blocks; for the writers of this room.
#pragma once

#include <string>

#include "zone/writer.h"

namespace zw {

class BlockWriter {
 public:
  explicit BlockWriter(const BlockSink& sink) : sink_(sink) { text_.reserve(2 * kBlock); }

  /// Append here, then call `pass`.
  std::string& text() { return text_; }
  void append(Bytes octets) { text_ += as_text(octets); }
  /// Hands out what there is if it is a block; call it after some records. Nothing happens after an error.
  void pass() {
    if (text_.size() >= kBlock) hand_out();
  }
  bool failed() const { return !result_; }
  Result<void> finish() {
    if (!text_.empty()) hand_out();
    return result_;
  }

 private:
  static constexpr std::size_t kBlock = 64 << 10;
  void hand_out() {
    if (result_) result_ = sink_(as_bytes(text_));
    text_.clear();
  }

  const BlockSink& sink_;
  std::string text_;
  Result<void> result_;
};

}  // namespace zw
