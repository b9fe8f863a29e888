// Many cores without threads in core: a caller hands in a Workers, and core splits its work over it.
#pragma once

#include <cstddef>
#include <functional>

namespace zw {

class Workers {
 public:
  virtual ~Workers() = default;
  /// How many tasks run at once; at least 1.
  virtual std::size_t width() const = 0;
  /// Runs task(0) … task(count - 1), some at once, each exactly once, and returns when all have ended. What
  /// the tasks wrote is then visible to the caller. Tasks do not throw.
  virtual void run(std::size_t count, const std::function<void(std::size_t)>& task) = 0;
};

/// One after another on the caller's own thread.
class SerialWorkers final : public Workers {
 public:
  std::size_t width() const override { return 1; }
  void run(std::size_t count, const std::function<void(std::size_t)>& task) override {
    for (std::size_t i = 0; i < count; ++i) task(i);
  }
};

}  // namespace zw
